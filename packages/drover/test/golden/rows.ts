import { expect } from 'vitest'
import { findTable } from '../../src/catalog/catalog.ts'
import { imageVersion, type Plan } from '../../src/plan/plan.ts'
import type { TestDatabase } from '../support/postgres.ts'
import type { GoldenCase } from './case.ts'
import { printCell, printTable } from './table-text.ts'

/** What the target tables hold, each as a table in the order of its rows as text. */
export async function printRows(database: TestDatabase, plan: Plan, golden: GoldenCase): Promise<string> {
  expectUnstable(plan, golden)
  await pinSettings(database)
  const targets = [...new Set(plan.mappings.map(({ target }) => target))]
  const tables: string[] = []
  for (const target of targets) tables.push(`${target}\n\n${await printRelation(database, target, golden.unstable)}`)
  return tables.join('\n')
}

/** The rows of a table or, of a ledger table, those columns that the target has. */
export async function printRelation(
  database: TestDatabase,
  target: string,
  unstable: readonly string[],
  relation = target,
): Promise<string> {
  const columns = await database.query<{ name: string; quoted: string }>(
    `select attname as name, quote_ident(attname) as quoted from pg_attribute
    where attrelid = $1::regclass and attnum > 0 and not attisdropped and attname <> $2 order by attnum`,
    [quoted(relation), imageVersion],
  )
  const cells = columns.map(({ name, quoted }) =>
    unstable.includes(`${target}.${name}`) ? `case when ${quoted} is not null then '~' end` : `${quoted}::text`,
  )
  const rows = await database.query<{ row: (string | null)[] }>(
    `select array[${cells.join(', ')}]::text[] collate "C" as row from ${quoted(relation)} order by 1`,
  )
  const texts = rows.map(({ row }) => row.map(printCell))
  return `${printTable(
    columns.map(({ name }) => name),
    texts,
  )}(${texts.length} ${texts.length === 1 ? 'row' : 'rows'})\n`
}

/** As drover itself pins them: what is printed must not depend on the server. */
async function pinSettings(database: TestDatabase): Promise<void> {
  await database.query("set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres'")
}

/** What is not compared must be what the plan itself calls different from run to run, or refer to it. */
function expectUnstable(plan: Plan, { name, unstable }: GoldenCase): void {
  const told = plan.hazards.filter((hazard) => /^(random-ids|volatile-defaults)$/.test(hazard.name))
  const strange = unstable.filter((column) => {
    const [, table, own] = /^(.*)\.(.*?)$/.exec(column)!
    const isTold = told.some(({ why }) => why.startsWith(`${table}:`) && why.split(/[ ,:]+/).includes(own!))
    return !isTold && !referencesOf(plan, table!, own!).some((other) => unstable.includes(other))
  })
  expect(strange, `cases/${name}/unstable.txt`).toEqual([])
}

/** The columns, as `schema.table.column`, that foreign keys of one column refer to. */
function referencesOf(plan: Plan, table: string, column: string): readonly string[] {
  const { constraints = [] } = findTable(plan.catalog, table) ?? {}
  return constraints.flatMap(({ columns, references }) =>
    references !== undefined && columns.length === 1 && columns[0] === column
      ? [`${references.schema}.${references.table}.${references.columns[0]}`]
      : [],
  )
}

function quoted(name: string): string {
  const dot = name.indexOf('.')
  return [name.slice(0, dot), name.slice(dot + 1)].map((part) => `"${part.replaceAll('"', '""')}"`).join('.')
}
