import type { Queryable } from '../db/connection.ts'
import { asDroverError } from '../db/server-error.ts'
import { type ProfilePlan, type Showing, sampleRows } from '../plan/profile.ts'
import { estimateDistinct } from './distinct.ts'

/** What stands in a table of the source. Counts are exact, int8, as bigint. */
export interface Profile {
  readonly table: string
  readonly rows: bigint
  /** Rows that shapes and distinct values were looked for in; all of them where the table has no more. */
  readonly sampled: bigint
  readonly columns: readonly ColumnProfile[]
}

/** What is known of the values of a column: counts, and what may be shown of them. */
export interface ColumnProfile {
  readonly name: string
  readonly type: string
  /** What may be shown of its values: of a secret column counts alone. */
  readonly shows: Showing
  readonly nulls: bigint
  /** Of a text: empty or nothing but white space. Null for other types, as the next ones. */
  readonly blank: bigint | null
  /** White space before or after something else. */
  readonly outer: bigint | null
  /** Two spaces in a row. */
  readonly double: bigint | null
  /** Different values, nulls apart: exact where all rows were looked at, else an estimate. Null where it is not told. */
  readonly distinct: bigint | null
  /** A mask, of a date the year; in clear where values are shown. Of texts in the order of their bytes. */
  readonly min: string | null
  readonly max: string | null
  /** In characters. */
  readonly shortest: number | null
  readonly longest: number | null
  /** The most frequent ones in the sample, digits as 9 and letters as a. */
  readonly shapes: readonly { readonly shape: string; readonly rows: bigint }[]
}

interface Figures {
  readonly nulls: string
  readonly blank?: string
  readonly outer?: string
  readonly double?: string
  readonly min?: string | null
  readonly max?: string | null
  readonly shortest?: number | null
  readonly longest?: number | null
}

interface Sampled {
  readonly sampled: bigint
  readonly found: bigint
  readonly once: bigint
  readonly shapes: ColumnProfile['shapes']
}

/**
 * Profiles a table: counts in one pass over all rows, the rest of a sample.
 *
 * @throws DroverError `statement-failed` naming the table.
 */
export async function readProfile(tx: Queryable, plan: ProfilePlan): Promise<Profile> {
  const ask = (statement: string) =>
    tx.query(`/* drover check profile of ${plan.table.replaceAll('*/', '')} */\n${statement}`).catch((thrown) => {
      throw asDroverError(thrown, 'statement-failed', `The table ${plan.table} could not be profiled.`, plan.table)
    })
  const [exact] = await ask(plan.statement)
  const rows = BigInt(exact!.rows as string)
  const figures = (exact!.columns as readonly string[]).map((text) => JSON.parse(text) as Figures)
  const isWhole = rows <= BigInt(sampleRows)
  const percent = isWhole || !plan.isSampled ? null : (sampleRows * 100) / Number(rows)
  const sample = new Map((await ask(plan.sample(percent))).map((row) => [Number(row.position), readSample(row)]))
  const sampled = isWhole ? rows : BigInt(sampleRows)
  return {
    table: plan.table,
    rows,
    sampled,
    columns: plan.columns.map(({ name, type, shows }, i) => {
      const own = figures[i]!
      const nulls = BigInt(own.nulls)
      const count = (text: string | undefined) => (text === undefined ? null : BigInt(text))
      return {
        name,
        type,
        shows,
        nulls,
        blank: count(own.blank),
        outer: count(own.outer),
        double: count(own.double),
        distinct: distinctOf(sample.get(i + 1), rows - nulls, shows),
        min: own.min ?? null,
        max: own.max ?? null,
        shortest: own.shortest ?? null,
        longest: own.longest ?? null,
        shapes: sample.get(i + 1)?.shapes ?? [],
      }
    }),
  }
}

function distinctOf(sample: Sampled | undefined, values: bigint, shows: Showing): bigint | null {
  if (shows === 'counts') return null
  if (sample === undefined) return values === 0n ? 0n : null
  return estimateDistinct({ values, ...sample })
}

function readSample(row: Readonly<Record<string, unknown>>): Sampled {
  const shapes = JSON.parse((row.shapes as string | null) ?? '[]') as { readonly shape: string; readonly n: string }[]
  return {
    sampled: BigInt(row.sampled as string),
    found: BigInt(row.found as string),
    once: BigInt(row.once as string),
    shapes: shapes.map(({ shape, n }) => ({ shape, rows: BigInt(n) })),
  }
}
