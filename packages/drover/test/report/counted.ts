import type { Report } from '../../src/report/report.ts'

/** A list of the report: what names an element in the ledger, and its numbers as scalar queries about what is so named. */
export interface Counted<T> {
  readonly of: (of: Report) => readonly T[]
  readonly named: (each: T) => readonly unknown[]
  /** How many elements there must be. */
  readonly length: string
  readonly numbers: Readonly<Record<string, string>>
}

export const counted = <T>(list: Counted<T>) => list as Counted<unknown>

/** Source rows of a mapping, `$1`, by what became of them. */
export const walked = (disposition: string) =>
  `select count(*) from (
    select 'visits' as mapping, disposition from drover.crosswalk_visits
    union all
    select 'clinics', disposition from drover.crosswalk_clinics
  ) as walked where mapping = $1 and disposition = '${disposition}'`
