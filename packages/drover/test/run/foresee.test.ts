import { expect, test } from 'vitest'
import { readCatalog } from '../../src/catalog/read.ts'
import { run } from '../../src/run/run.ts'
import { planEachMapping } from '../check/each-mapping.ts'
import { createDatabase } from '../support/postgres.ts'
import { allowed, fill, planFor, practice, schema, withDatabase } from './fixture.ts'

test('what is foreseen is what the run does: dispositions, and each code', async () => {
  const database = await createDatabase()
  await database.query(schema)
  await database.query(fill(20, 900))
  await withDatabase(database.url, async (db) => {
    const readOnly = { readOnly: true }
    const catalog = await db.transaction(
      (tx) => readCatalog((text, values) => tx.query(text, values), ['old', 'new']),
      readOnly,
    )
    const foreseen = []
    for (const { mapping, guards, statement } of planEachMapping(practice, catalog).passes.flatMap(
      ({ subjects }) => subjects,
    )) {
      const [row] = await db.transaction((tx) => tx.query(statement), readOnly)
      const { guards: counts, ...rows } = row as { guards: readonly string[] }
      foreseen.push({ mapping, rows, codes: codesOf(guards.map((guard, i) => [guard, counts[i]!])) })
    }
    await run(db, await planFor(db), { allowed, rowsPerChunk: 100 })
    const done = await database.query(`
      select mapping, sum(read) as read, sum(loaded) as loaded, sum(merged) as merged, sum(matched) as matched,
        sum(quarantined) as quarantined, sum(excluded) as excluded
      from drover.chunk group by mapping`)
    const logged = await database.query(`
      select mapping, 'quarantine ' || code as code, count(*) as n from drover.quarantine group by 1, 2
      union all
      select mapping, 'correct ' || column_name || ' ' || code, count(*) from drover.correction group by 1, 2`)
    for (const { mapping, rows, codes } of foreseen) {
      const { mapping: _, ...expected } = done.find((each) => each.mapping === mapping)!
      expect(rows).toEqual(expected)
      const ran = logged.filter((each) => each.mapping === mapping).map(({ code, n }) => [code, n])
      expect(codes).toEqual(Object.fromEntries(ran))
    }
    expect(foreseen.map(({ mapping }) => mapping)).toEqual(['clinics', 'visits'])
    expect(Object.keys(foreseen[1]!.codes).length).toBeGreaterThan(2)
  })
})

/** Counts by code, those of quarantine under whatever column they hold. */
function codesOf(counts: readonly (readonly [{ column: string; code: string; outcome: string }, string])[]) {
  const codes: Record<string, string> = {}
  for (const [{ column, code, outcome }, count] of counts) {
    const name = outcome === 'quarantine' ? `quarantine ${code}` : `${outcome} ${column} ${code}`
    if (count !== '0') codes[name] = String(BigInt(codes[name] ?? '0') + BigInt(count))
  }
  return codes
}
