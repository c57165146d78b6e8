import { beforeAll, expect, test } from 'vitest'
import { readCatalog } from '../../../packages/drover/src/catalog/read.ts'
import { buildForesight } from '../../../packages/drover/src/plan/build.ts'
import { withDatabase } from '../../../packages/drover/test/run/fixture.ts'
import { createDatabase, type TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import migration from '../migration.ts'
import { allow, drover } from './command.ts'
import { legacyTemplate } from './dental.ts'

let database: TestDatabase
const foreseen = new Map<string, unknown>()

beforeAll(async () => {
  database = await createDatabase((await legacyTemplate()).name)
  await withDatabase(database.url, async (db) => {
    const readOnly = { readOnly: true }
    const schemas = ['legacy', 'migration_input', 'auth', 'public']
    const catalog = await db.transaction(
      (tx) => readCatalog((text, values) => tx.query(text, values), schemas),
      readOnly,
    )
    for (const { mapping, guards, statement } of buildForesight(migration, catalog)) {
      const [row] = await db.transaction((tx) => tx.query(statement), readOnly)
      const { guards: counts, ...rows } = row as { readonly guards: readonly string[] }
      const codes: Record<string, number> = {}
      guards.forEach(({ column, code, outcome }, i) => {
        const name = outcome === 'quarantine' ? `quarantine ${code}` : `${outcome} ${column} ${code}`
        if (counts[i] !== '0') codes[name] = (codes[name] ?? 0) + Number(counts[i])
      })
      foreseen.set(mapping, { rows, codes })
    }
  })
  const { code } = await drover(database, 'run', 'migration.ts', ...allow)
  expect(code).toBe(3)
}, 120_000)

test('what is foreseen of every mapping is what the run did', async () => {
  const done = await database.query<{ mapping: string }>(`
    select mapping, sum(read) as read, sum(loaded) as loaded, sum(merged) as merged, sum(matched) as matched,
      sum(quarantined) as quarantined, sum(excluded) as excluded
    from drover.chunk group by mapping`)
  const logged = await database.query<{ mapping: string; code: string; n: number }>(`
    select mapping, 'quarantine ' || code as code, count(*)::int as n from drover.quarantine group by 1, 2
    union all
    select mapping, 'correct ' || column_name || ' ' || code, count(*)::int from drover.correction group by 1, 2
    union all
    select mapping, 'note ' || column_name || ' ' || code, count(*)::int from drover.note where source_key is not null group by 1, 2`)
  const ran = new Map(
    [...foreseen.keys()].map((mapping) => {
      const { mapping: _, ...rows } = done.find((each) => each.mapping === mapping)!
      const codes = logged.filter((each) => each.mapping === mapping).map(({ code, n }) => [code, n] as const)
      return [mapping, { rows, codes: Object.fromEntries(codes) }] as const
    }),
  )
  for (const [mapping, what] of foreseen) expect([mapping, what]).toEqual([mapping, ran.get(mapping)])
})
