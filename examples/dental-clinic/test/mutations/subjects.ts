import type { Database } from '../../../../packages/drover/src/db/connection.ts'
import { openDatabase } from '../../../../packages/drover/src/db/pg.ts'
import type { Verification } from '../../../../packages/drover/src/verify/verification.ts'
import { verify } from '../../../../packages/drover/src/verify/verify.ts'
import { createSchemas } from '../../database.ts'
import { generate } from '../../generator/index.ts'
import { allow, drover } from '../command.ts'
import { dentalMutations } from './dental-mutations.ts'
import type { Mutation } from './mutation.ts'
import { migrateRegister, registerSchema } from './register.ts'
import { registerMutations } from './register-mutations.ts'
import type { Server } from './server.ts'

/** A migrated database, and what is planted in copies of it. */
export interface Subject {
  readonly name: string
  /** Makes it in an empty database. */
  readonly make: (url: string, server: Server) => Promise<void>
  readonly mutations: readonly Mutation[]
}

export const subjects: readonly Subject[] = [
  { name: 'register', make: makeRegister, mutations: registerMutations },
  { name: 'dental', make: (url, server) => makeDental(url, server, 1), mutations: dentalMutations },
]

/** The reference migration at scale S, of data that the seed tells. */
export async function makeDental(url: string, { withClient }: Server, seed: number): Promise<void> {
  await withClient(url, async (client) => {
    await createSchemas(client)
    await generate(async (text) => (await client.query(text)).rows ?? [], { scale: 's', seed, foreignKeys: 'loose' })
  })
  const { code, stderr } = await drover({ url }, 'run', 'migration.ts', ...allow)
  if (code !== 3) throw new Error(`drover run ended with ${code}: ${stderr}`)
}

async function makeRegister(url: string, { withClient }: Server): Promise<void> {
  await withClient(url, (client) => client.query(registerSchema))
  await withDatabase(url, migrateRegister)
}

/** What drover says of the newest run in a database. */
export async function verifyNewest(url: string): Promise<Verification> {
  return withDatabase(url, async (db) => {
    const [newest] = await db.transaction((tx) => tx.query('select max(id) as id from drover.run'))
    return verify(db, newest!.id as string)
  })
}

async function withDatabase<T>(url: string, use: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase(url)
  try {
    return await use(db)
  } finally {
    await db.close()
  }
}
