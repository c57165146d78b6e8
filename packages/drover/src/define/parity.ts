import type { Kysely, SelectQueryBuilder } from 'kysely'
import type { Allowance } from './check.ts'

/** A select query, whatever it reads, that gives rows of `O`. */
// biome-ignore lint/suspicious/noExplicitAny: what the query reads is checked where it is written; here its rows count.
export type Answer<O> = SelectQueryBuilder<any, any, O>

/** How `assertNone` tells what it found. */
export interface AssertionOptions<S, A, O> {
  /** The columns that name a row: findings show them in clear, and mask all others. Default: the first one. */
  readonly key?: readonly (keyof O & string)[]
  /** How many rows there may be: up to so many the check warns, beyond it fails. Default: none. */
  readonly allow?: Allowance
  /** With a percentage: the query whose rows it is taken of. */
  readonly of?: (db: Kysely<S & A>) => Answer<unknown>
}

/** A question to both schemas. Both queries give columns of the same names, in any order. */
export interface ParityOptions<S, A, O, P extends Record<keyof O, unknown>> {
  /** Asks the old schema. What it reads of ids leads to the new ones through {@link crosswalk}. */
  readonly source: (db: Kysely<S & A>) => Answer<O>
  /** Asks the new one. */
  readonly target: (db: Kysely<S & A>) => Answer<P>
  /**
   * The columns that name a row of the answer: findings show them in clear, and a row is compared with the one of the same
   * key. Default: rows are compared as a whole, as multisets, and findings mask all of them.
   */
  readonly key?: readonly (keyof O & string)[]
  /**
   * By how much numbers, or dates in days, may differ, by column. Needs `key`. Of an instant give a number: the seconds,
   * as `extract(epoch from …)`. Default: not at all.
   * A name that is no column of the answer is told when the migration is planned: here it would be taken for one.
   */
  readonly tolerance?: Readonly<Record<string, number | string>>
  /** Rows that differ on purpose, with the reason; they are counted apart. Needs `key`. Default: none. */
  readonly explained?: readonly {
    readonly because: string
    /** Gives the key's columns of rows that may differ. */
    readonly rows: (db: Kysely<S & A>) => Answer<unknown>
  }[]
  /**
   * How many rows may differ beyond that: up to so many the check warns. Default: none. A percentage is of the source's
   * rows.
   */
  readonly allow?: Allowance
}
