import type { PrismaClient as AppClient, Prisma as AppPrisma } from '../../prisma/generated/app/client.ts'
import type { PrismaClient as LegacyClient } from '../../prisma/generated/legacy/client.ts'

export type { AppClient, LegacyClient }

/** The new application's client, inside a transaction or not: what its questions are asked with. */
export type AppReader = AppPrisma.TransactionClient

export interface Clients {
  readonly legacy: LegacyClient
  readonly app: AppClient
}

/** Connections that each client opens at most. */
export const connections = 4

/** How long a transaction of many questions may wait for its connection, and take, in milliseconds. */
const patience = { maxWait: 120_000, timeout: 120_000 }

/**
 * Both clients, for as long as `use` takes; undefined where they are not generated. Prisma is loaded here and not before:
 * who plans or runs the migration does without it.
 */
export async function withClients<T>(url: string, use: (clients: Clients) => Promise<T>): Promise<T | undefined> {
  const modules = await Promise.all([
    import('../../prisma/generated/legacy/client.ts'),
    import('../../prisma/generated/app/client.ts'),
    import('@prisma/adapter-pg'),
  ]).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  })
  if (modules === undefined) return undefined
  const [{ PrismaClient: Legacy }, { PrismaClient: App }, { PrismaPg }] = modules
  const adapter = () => new PrismaPg({ connectionString: url, max: connections })
  const clients = { legacy: new Legacy({ adapter: adapter() }), app: new App({ adapter: adapter() }) }
  try {
    return await use(clients)
  } finally {
    await Promise.all([clients.legacy.$disconnect(), clients.app.$disconnect()])
  }
}

/** Asks as a user who has signed in: in a transaction, with his claims, under row-level security. */
export async function asUser<T>(app: AppClient, userId: string, ask: (db: AppReader) => Promise<T>): Promise<T> {
  const claims = JSON.stringify({ sub: userId, role: 'authenticated' })
  return app.$transaction(async (db) => {
    await db.$queryRaw`select set_config('request.jwt.claims', ${claims}, true)`
    await db.$executeRaw`set local role authenticated`
    return ask(db)
  }, patience)
}
