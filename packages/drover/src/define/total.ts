import type { Expression, OperationNode } from 'kysely'
import { DroverError } from '../error.ts'
import type { float4, float8, int2, int4, int8, numeric } from './sql-types.ts'
import { readTolerance, toleranceRemedy } from './tolerance.ts'

/** What can be added up. */
export type Summable = int2 | int4 | int8 | numeric | float4 | float8

/**
 * A control total: a sum that must be the same on both sides. It is taken of the whole source before the mapping's first
 * chunk, of source and target when the mapping is closed, and of both again by every verification.
 *
 * A total exists to be shown: sums, and the values that it is grouped by, stand in findings and reports as they are. So
 * it may not read columns that the mapping declares `secret` or `personal`.
 */
export interface Total {
  /**
   * What a row of the source adds; null adds nothing. Reads the relations of `from`, and nothing that the run makes:
   * neither references nor look-ups. Conversions may be used, and what their failure means is not asked: a value that
   * cannot be read adds nothing. It is computed of every row, also of those that are set aside, and must not raise.
   */
  readonly source: Expression<Summable | null>
  /** What the row of the target adds, as it stands. Reads columns of the target. */
  readonly target: Expression<Summable | null>
  /** Sums are compared for each combination of these as well. They read columns of the target. Default: the whole only. */
  readonly by?: readonly Expression<unknown>[]
  /**
   * By how much source and target may differ in each group, for amounts that are rounded or corrected on the way: a number
   * of 0 or more, as SQL reads it. Default 0.
   */
  readonly tolerance?: number | string
}

/** A control total as the planner reads it. */
export interface TotalDefinition {
  readonly name: string
  readonly source: OperationNode
  readonly target: OperationNode
  readonly by: readonly OperationNode[]
  readonly tolerance: string
}

/** @throws DroverError `definition-invalid` where a name or a tolerance cannot be used. */
export function readTotals(mapping: string, totals: Readonly<Record<string, Total>>): readonly TotalDefinition[] {
  return Object.entries(totals).map(([name, { source, target, by = [], tolerance = 0 }]) => {
    if (!/^[a-z][a-z0-9]*([ _-][a-z0-9]+)*$/.test(name)) {
      throw invalid(mapping, name, 'A control total has a name of lower-case words.', 'Name it so, such as `amount`.')
    }
    const within = readTolerance(tolerance)
    if (within === undefined) {
      throw invalid(
        mapping,
        name,
        'The tolerance of a control total is a number of 0 or more in digits.',
        toleranceRemedy,
      )
    }
    return {
      name,
      source: source.toOperationNode(),
      target: target.toOperationNode(),
      by: by.map((each) => each.toOperationNode()),
      tolerance: within,
    }
  })
}

function invalid(mapping: string, name: string, what: string, remedy: string): DroverError {
  return new DroverError('definition-invalid', what, { where: `mapping ${mapping}, total ${name}`, remedy })
}
