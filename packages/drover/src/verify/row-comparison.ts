import { type Check, counted, type MappingSubject } from './check.ts'
import type { Finding } from './verification.ts'
import { checkStatement } from './violations.ts'

/**
 * Every row of the target is what its transform makes of the source, recomputed and compared column by column. What
 * differs was changed since the run, by a trigger or by someone, or should not have been written.
 *
 * A source that is gone warns: after the cutover the old tables may be dropped.
 */
export const rowComparison: Check<MappingSubject> = {
  name: 'row comparison',
  whenGone: 'warn',
  run: async (tx, { runId, mapping, tally }) => {
    const common = { check: 'row comparison', mapping: mapping.name } as const
    const unasked = (detail: string): Finding => ({
      ...common,
      verdict: 'not run',
      expected: null,
      actual: null,
      detail,
    })
    const { comparison } = mapping
    if (comparison === null) {
      return [unasked(`Rows that mapping ${mapping.name} evolves were not compared: what they were made from is gone.`)]
    }
    const origin = { runId, mapping: mapping.name, check: 'row comparison' } as const
    const rows = (await tx.query(checkStatement(origin, comparison.statement), [
      runId,
    ])) as unknown as readonly Difference[]
    const { notCompared } = comparison
    const left =
      notCompared.length === 0
        ? []
        : [unasked(`${notCompared.join(', ')} of mapping ${mapping.name} cannot be made again, and were not compared.`)]
    const expected = `${counted(tally.loaded, 'loaded row')} equal in ${counted(comparison.columns.length, 'column')}`
    if (rows.length === 0) {
      const detail =
        'Each row has the disposition, and each loaded row the values, that the transform makes of its source row.'
      return [{ ...common, verdict: 'pass', expected, actual: expected, detail }, ...left]
    }
    const differing = BigInt(rows[0]!.n)
    const more = differing - BigInt(rows.length)
    const named = rows.map(({ key, fault, columns }) => `${key} (${fault ?? columns.join(', ')})`).join('; ')
    return [
      {
        ...common,
        verdict: 'fail',
        expected,
        actual: `${counted(differing, 'row')} ${differing === 1n ? 'differs' : 'differ'}`,
        detail: `Rows are not what the transform makes of their source rows: ${named}${more > 0n ? ` and ${more} more` : ''}.`,
      },
      ...left,
    ]
  },
}

interface Difference {
  /** How many rows differ, an int8 as text. */
  readonly n: string
  readonly key: string
  /** What is wrong with the row as a whole, or null. */
  readonly fault: string | null
  /** The columns that differ. */
  readonly columns: readonly string[]
}
