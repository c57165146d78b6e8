import type { Outcome } from '../sql/annotation.ts'
import type { CountedRows, Measured } from './compare.ts'

/** The result of a rehearsal, version 1, as far as it is read here; written by rehearsal/rehearse.ts. */
interface Rehearsed {
  readonly version: number
  /** Null where the rehearsed run did not come to its end. */
  readonly forecast: {
    readonly version: number
    readonly mappings: readonly {
      readonly mapping: string
      readonly dispositions: readonly ForeseenCount[]
      readonly codes: readonly (ForeseenCount & { readonly outcome: Outcome; readonly column: string | null })[]
    }[]
  } | null
}

interface ForeseenCount {
  readonly what: string
  readonly least: number
  readonly most: number
}

/** What a rehearsal says that a run will do; undefined where it says nothing, or in a version that is not known here. */
export function foreseenOf(result: unknown): Measured | undefined {
  const { version, forecast } = result as Rehearsed
  if (version !== 1 || forecast?.version !== 1) return undefined
  return {
    mappings: forecast.mappings.map(({ mapping }) => ({ name: mapping, isDone: true })),
    counts: forecast.mappings.flatMap(({ mapping, dispositions, codes }) => [
      ...dispositions.map((count) => foreseen({ mapping, what: count.what, outcome: null, column: null }, count)),
      ...codes.map((count) =>
        foreseen({ mapping, what: count.what, outcome: count.outcome, column: count.column }, count),
      ),
    ]),
  }
}

function foreseen(named: Omit<CountedRows, 'rows'>, { least, most }: ForeseenCount): CountedRows {
  return { ...named, rows: { least: BigInt(Math.floor(least)), most: BigInt(Math.ceil(most)) } }
}
