import { sql } from 'kysely'
import type { Column } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { compile } from '../sql/compile.ts'
import { columnOf } from '../sql/nodes.ts'
import { fromSubject, type Subject, tableName, textOf } from './subject.ts'

/** A column that is compared. */
export interface ComparedColumn {
  readonly name: string
  /** How its texts are read: an e-mail address by what stands before the @, figures without signs between them. */
  readonly form: 'text' | 'email' | 'digits'
  /**
   * What two equal values tell: the logarithm of how many values there are, were all as frequent. -ln Σp², the collision
   * entropy (Rényi 1961), is not swollen by misspellings as a count of values would be.
   */
  readonly weight: number
}

/** Each pair of columns gives blocking keys of its own: more columns than this make more keys than help. */
const mostColumns = 6

/** As many are chosen where none is named. */
const chosenColumns = 4

/** A column with fewer values, such as a status, is not chosen by itself. ln 12. */
const leastChosenWeight = Math.log(12)

const textTypes = new Set(['text', 'varchar', 'bpchar', 'name', 'public.citext', 'extensions.citext'])

/**
 * The columns to measure: the named ones, or every text that may be compared.
 *
 * @throws DroverError `usage-invalid` where a named column is not there or is secret.
 */
export function columnsToMeasure(subject: Subject, named: readonly string[] | undefined): readonly Column[] {
  return named === undefined ? candidatesOf(subject) : requireColumns(subject, named)
}

/**
 * The columns that tell most, in order of the table, of those that were measured.
 *
 * @throws DroverError `usage-invalid` where none tells enough.
 */
export function chooseColumns(subject: Subject, measured: readonly ComparedColumn[]): readonly ComparedColumn[] {
  const telling = measured.filter(({ weight }) => weight >= leastChosenWeight)
  if (telling.length === 0) {
    throw new DroverError('usage-invalid', 'No column of the table tells its rows apart by text.', {
      where: tableName(subject),
      remedy: 'Name the columns that are to be compared: --columns name,city.',
    })
  }
  const best = telling.toSorted((a, b) => b.weight - a.weight).slice(0, chosenColumns)
  return telling.filter((column) => best.includes(column))
}

/** Reads how much each column tells, and what its texts look like. */
export async function measureColumns(
  tx: Queryable,
  subject: Subject,
  columns: readonly Column[],
): Promise<readonly ComparedColumn[]> {
  if (columns.length === 0) return []
  const rows = await tx.query(measureStatement(subject, columns))
  const byNumber = new Map(rows.map((row) => [row.number as number, row]))
  return columns.map(({ name }, i) => {
    const row = byNumber.get(i)
    const form = Number(row?.emails ?? 0) > 0.5 ? 'email' : Number(row?.figures ?? 0) > 0.5 ? 'digits' : 'text'
    return { name, form, weight: -Math.log(Number(row?.collision ?? 1)) + 0 }
  })
}

function measureStatement(subject: Subject, columns: readonly Column[]): string {
  const values = columns.map(({ name }, i) => sql`(${sql.lit(i)}, ${textOf(subject, name)} collate "default")`)
  const statement = sql`select number,
  sum(n * n)::float8 / (sum(n)::float8 * sum(n)::float8) as collision,
  coalesce(sum(n) filter (where is_email), 0)::float8 / sum(n)::float8 as emails,
  coalesce(sum(n) filter (where is_figures), 0)::float8 / sum(n)::float8 as figures
from (
  select value.number, hashtextextended(lower(value.text collate "C"), 0) as hash, count(*) as n,
    bool_or(value.text ~ '^[^@]+@[^@]+[.][^@]+$') as is_email,
    bool_or(value.text ~ '^[-0-9 ()+./]{6,}$') as is_figures
  ${fromSubject(subject)}
  cross join lateral (values ${sql.join(values)}) as value (number, text)
  where value.text <> ''
  group by 1, 2
) as counted
group by number
order by number`
  return `/* drover duplicates ${subject.name} columns */\n${compile(statement.toOperationNode())}`
}

/** Texts, but for what names the row, what points at another one, and what is to be hidden. */
function candidatesOf({ table, secret, key, alias }: Subject): readonly Column[] {
  const pointing = table.constraints.filter(({ kind }) => kind === 'foreign').flatMap(({ columns }) => columns)
  const keyed = table.columns.filter(({ name }) =>
    compile(key.toOperationNode()).includes(compile(columnOf(alias, name).toOperationNode())),
  )
  const left = new Set([...secret, ...pointing, ...keyed.map(({ name }) => name)])
  return table.columns.filter(({ name, baseType }) => textTypes.has(baseType) && !left.has(name))
}

function requireColumns(subject: Subject, named: readonly string[]): readonly Column[] {
  const { table, secret } = subject
  const refuse = (what: string, remedy: string) => {
    throw new DroverError('usage-invalid', what, { where: tableName(subject), remedy })
  }
  const open = table.columns.filter(({ name }) => !secret.includes(name)).map(({ name }) => name)
  const unknown = named.filter((name) => !table.columns.some((column) => column.name === name))
  if (unknown.length > 0) {
    refuse(`The table has no column ${unknown.join(', ')}.`, `Name some of: ${open.join(', ')}.`)
  }
  const hidden = named.filter((name) => secret.includes(name))
  if (hidden.length > 0) {
    refuse(`The migration keeps ${hidden.join(', ')} secret: it is not compared.`, `Name some of: ${open.join(', ')}.`)
  }
  const distinct = [...new Set(named)]
  if (distinct.length === 0) refuse('No column is named.', `Name some of: ${open.join(', ')}.`)
  if (distinct.length > mostColumns) {
    refuse(`${distinct.length} columns are named.`, `Name at most ${mostColumns}: those that tell rows apart best.`)
  }
  return distinct.map((name) => table.columns.find((column) => column.name === name)!)
}
