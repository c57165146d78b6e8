import { readCatalog } from '../../src/catalog/read.ts'
import { openDatabase } from '../../src/db/pg.ts'
import { defineMigration, type Expression, type text } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { run } from '../../src/run/run.ts'
import type { TestDatabase } from '../support/postgres.ts'

/** What became of one input. */
export interface Carried {
  /** The target's columns as the server prints them; undefined where the row did not reach the target. */
  readonly values: Readonly<Record<string, string | null>> | undefined
  /** The codes for which the row was set aside, the first one decisive. */
  readonly quarantine: readonly string[]
  /** `column code original`, in that order of columns and codes. */
  readonly corrections: readonly string[]
  /** `column code`. */
  readonly notes: readonly string[]
}

/** A column of the target: its type in SQL, and the expression under test. */
export type Cell = readonly [type: string, value: Expression<unknown>]

type Input = Readonly<Record<string, string | null>>
// biome-ignore lint/suspicious/noExplicitAny: a helper asks for the type of its input, and the test gives it.
type InputColumns = Readonly<Record<string, Expression<any>>>

export const cutoverOfTests = '2025-06-01T00:00:00.000Z'

let carried = 0

/**
 * Puts the inputs into a table, carries them through a mapping with the given columns (definition, plan, run: the path
 * of every migration), and tells what became of each, in their order.
 */
export async function carry(
  database: TestDatabase,
  types: Readonly<Record<string, string>>,
  inputs: readonly Input[],
  columns: (input: InputColumns) => Readonly<Record<string, Cell>>,
): Promise<readonly Carried[]> {
  const name = `carry_${++carried}`
  const given = Object.entries(types)
  const m = defineMigration<Record<string, Record<string, text>>, Record<string, Record<string, text>>>({
    name: `carry-${carried}`,
    cutover: cutoverOfTests,
  })
  let cells: Readonly<Record<string, Cell>> = {}
  const mapping = m.map(name, {
    from: (db) => db.selectFrom(`inputs.${name} as i`),
    key: ({ i }) => i!.id!,
    to: `outputs.${name}`,
    columns: (({ i }: { readonly i: InputColumns }) => {
      cells = columns(i)
      return { id: i.id!, ...Object.fromEntries(Object.entries(cells).map(([column, [, value]]) => [column, value])) }
    }) as never,
    dropped: given.map(([column]) => column),
  })
  await database.query(`
    create schema if not exists inputs;
    create schema if not exists outputs;
    create table inputs.${name} (id int primary key, ${given.map(([column, type]) => `"${column}" ${type}`).join(', ')});
    create table outputs.${name} (id int primary key${Object.entries(cells)
      .map(([column, [type]]) => `, "${column}" ${type}`)
      .join('')})`)
  await database.query(
    `insert into inputs.${name}
    select position, ${given.map(([column, type]) => `(input ->> '${column}')::${type}`).join(', ')}
    from jsonb_array_elements($1) with ordinality as given (input, position)`,
    [JSON.stringify(inputs)],
  )
  const db = await openDatabase(database.url)
  try {
    const catalog = await db.transaction((tx) =>
      readCatalog((text, values) => tx.query(text, values), ['inputs', 'outputs']),
    )
    await run(db, buildPlan(m.migration([mapping]), catalog), { allowed: hazardNames, workers: 1 })
    return await readCarried(database, name, Object.keys(cells))
  } finally {
    await db.close()
  }
}

async function readCarried(
  database: TestDatabase,
  name: string,
  columns: readonly string[],
): Promise<readonly Carried[]> {
  const values = columns.length === 0 ? '' : `, ${columns.map((column) => `o."${column}"::text`).join(', ')}`
  const rows = await database.query<Record<string, unknown>>(`
    with quarantined as (
      select source_key, array(select reason ->> 'code' from jsonb_array_elements(reasons) as reason) as codes
      from drover.quarantine where mapping = '${name}'
    ), corrected as (
      select source_key,
        array_agg(concat_ws(' ', column_name, code, coalesce(original, 'null')) order by column_name, code) as lines
      from drover.correction where mapping = '${name}' group by source_key
    ), noted as (
      select source_key, array_agg(concat_ws(' ', column_name, code) order by column_name, code) as lines
      from drover.note where mapping = '${name}' group by source_key
    )
    select o.id is not null as "loaded?"${values}, coalesce(quarantined.codes, '{}') as "quarantine?",
      coalesce(corrected.lines, '{}') as "corrections?", coalesce(noted.lines, '{}') as "notes?"
    from inputs.${name} as i
    left join outputs.${name} as o on o.id = i.id
    left join quarantined on quarantined.source_key = i.id::text
    left join corrected on corrected.source_key = i.id::text
    left join noted on noted.source_key = i.id::text
    order by i.id`)
  return rows.map((row) => ({
    values: row['loaded?']
      ? Object.fromEntries(columns.map((column) => [column, row[column] as string | null]))
      : undefined,
    quarantine: row['quarantine?'] as string[],
    corrections: row['corrections?'] as string[],
    notes: row['notes?'] as string[],
  }))
}
