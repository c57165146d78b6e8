import { expect } from 'vitest'
import type { Catalog } from '../../src/catalog/catalog.ts'
import type { Outlook } from '../../src/check/outlook.ts'
import type { Database } from '../../src/db/connection.ts'
import type { MigrationDefinition } from '../../src/define/migration.ts'
import { DroverError } from '../../src/error.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { foreseeEachMapping } from '../check/each-mapping.ts'
import type { TestDatabase } from '../support/postgres.ts'

/** What `drover check` says; nothing where a row raises an error that no guard foresees. */
export async function foresee(
  db: Database,
  migration: MigrationDefinition,
  catalog: Catalog,
): Promise<readonly Outlook[] | undefined> {
  return foreseeEachMapping(db, migration, catalog).catch((thrown) => {
    if (thrown instanceof DroverError && thrown.code === 'statement-failed') return undefined
    throw thrown
  })
}

/**
 * What has been foreseen is what the run did, and the rows that the server refused are those that were foreseen to break a
 * rule. Passed over are mappings of which something was left out, and the codes of those with refused rows.
 */
export async function expectForeseen(
  database: TestDatabase,
  plan: Plan,
  outlooks: readonly Outlook[] | undefined,
): Promise<void> {
  const refused = await database.query<{ mapping: string; n: number }>(
    'select mapping, count(*)::int as n from drover.quarantine where sqlstate is not null group by mapping',
  )
  if (outlooks === undefined) return expect(refused).not.toEqual([])
  for (const { mapping, n } of refused) {
    const { violations } = outlooks.find((outlook) => outlook.mapping === mapping)!
    expect(
      violations.reduce((sum, { rows }) => sum + Number(rows), 0),
      `refused rows of ${mapping}`,
    ).toBe(n)
  }
  const unsure = new Set([
    ...refused.map(({ mapping }) => mapping),
    ...outlooks.filter(({ unforeseen }) => unforeseen.length > 0).map(({ mapping }) => mapping),
  ])
  for (const { name, dependsOn } of plan.mappings) if (dependsOn.some((other) => unsure.has(other))) unsure.add(name)
  for (const { mapping, codes, findings, ...outlook } of outlooks.filter(({ mapping }) => !unsure.has(mapping))) {
    const { read, loaded, merged, matched, quarantined, excluded } = outlook
    const counts = { read, loaded, merged, matched, quarantined, excluded }
    expect({ ...counts, codes: summed(codes) }, `check of ${mapping}`).toEqual(await readDone(database, mapping))
    // The server has refused none of its rows.
    expect(findings, `check of ${mapping}`).toEqual([])
  }
}

/** Several guards of a column may have one code. */
function summed(codes: Outlook['codes']): readonly string[] {
  const sums = new Map<string, bigint>()
  for (const { column, code, outcome, rows } of codes) {
    const name = [outcome, column, code].filter((part) => part !== '').join(' ')
    sums.set(name, (sums.get(name) ?? 0n) + rows)
  }
  return [...sums].map(([name, rows]) => `${name} ${rows}`).toSorted()
}

async function readDone(database: TestDatabase, mapping: string) {
  const [sums] = await database.query<Record<string, string>>(
    `select sum(read) as read, sum(loaded) as loaded, sum(merged) as merged, sum(matched) as matched,
      sum(quarantined) as quarantined, sum(excluded) as excluded
    from drover.chunk where mapping = $1`,
    [mapping],
  )
  const codes = await database.query<{ line: string }>(
    `select concat_ws(' ', 'quarantine', reasons -> 0 ->> 'column', code, count(*)) as line
    from drover.quarantine where mapping = $1 group by reasons -> 0 ->> 'column', code
    union all
    select concat_ws(' ', 'correct', column_name, code, count(*))
    from drover.correction where mapping = $1 group by column_name, code
    union all
    select concat_ws(' ', 'note', column_name, code, count(*))
    from drover.note where mapping = $1 and source_key is not null group by column_name, code`,
    [mapping],
  )
  const counts = Object.entries(sums!).map(([disposition, count]) => [disposition, BigInt(count)])
  return { ...Object.fromEntries(counts), codes: codes.map(({ line }) => line).toSorted() }
}
