// node row-loop.ts <url> <rows>: Prisma, row by row, a thousand to a transaction. Prints the seconds that the values took.
import { performance } from 'node:perf_hooks'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { convert, type LegacyRow, loadParents } from './convert.ts'

const [url, count] = process.argv.slice(2) as [string, string]
const perTransaction = 1_000

/** What of the generated client is used. It is made when it is measured, so that its types are not there yet. */
interface Prisma {
  $transaction<T>(work: (tx: Prisma) => Promise<T>, options: { timeout: number }): Promise<T>
  $disconnect(): Promise<void>
  legacyValue: { findMany(query: object): Promise<LegacyRow[]> }
  value: { create(query: { data: object }): Promise<unknown> }
  idMapping: { create(query: { data: object }): Promise<unknown> }
}

const { PrismaClient } = (await import(new URL('prisma/generated/client.ts', import.meta.url).href)) as {
  PrismaClient: new (options: object) => Prisma
}
const client = new pg.Client({ connectionString: url })
await client.connect()
const parents = await loadParents(client)
await client.end()

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
const started = performance.now()
// Of a pair that the target takes for one, the second is left out.
const seen = new Set<string>()
let after = ''
for (let done = 0; done < Number(count); done += perTransaction) {
  const take = Math.min(perTransaction, Number(count) - done)
  const rows = await prisma.legacyValue.findMany({ where: { id: { gt: after } }, orderBy: { id: 'asc' }, take })
  after = rows.at(-1)!.id
  await prisma.$transaction(
    async (tx) => {
      for (const old of rows) {
        const data = convert(old, parents)
        const pair = `${old.data_source_id} ${old.external_id}`
        if (data === undefined || seen.has(pair)) continue
        seen.add(pair)
        await tx.value.create({ data })
        await tx.idMapping.create({ data: { old_id: old.id, new_id: data.id } })
      }
    },
    { timeout: 600_000 },
  )
}
console.log((performance.now() - started) / 1000)
await prisma.$disconnect()
