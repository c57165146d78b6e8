import { qualifiedName } from '../catalog/catalog.ts'
import { type Check, judge, namesOf, soleMapping, type TableSubject } from './check.ts'
import { checkStatement } from './violations.ts'

/**
 * The target holds what it held before the run and what was loaded: when its last mapping was closed, and now. Mappings
 * that share the target are summed.
 */
export const targetRows: Check<TableSubject> = {
  name: 'target rows',
  whenGone: 'fail',
  run: async (tx, subject) => {
    const { runId, table, mappings, tallies } = subject
    const origin = { runId, mapping: namesOf(subject), check: 'target rows' } as const
    const [row] = await tx.query(checkStatement(origin, mappings[0]!.statements.countTarget))
    // A run only inserts, so its counts of one table grow: the lowest is from before its first chunk, the highest from
    // after its last, in whatever order the mappings were prepared and closed.
    const before = tallies.map((tally) => tally.targetRowsBefore ?? 0n).reduce((a, b) => (a < b ? a : b))
    const after = tallies.map((tally) => tally.targetRowsAfter ?? 0n).reduce((a, b) => (a > b ? a : b))
    const loaded = tallies.reduce((sum, tally) => sum + tally.loaded, 0n)
    const name = qualifiedName(table)
    const loadedBy = namesOf(subject)
    return [
      judge({
        check: 'target rows',
        mapping: soleMapping(subject),
        expected: `${before + loaded} after the run, ${before + loaded} now`,
        actual: `${after} after the run, ${row?.n} now`,
        equal: `${name} holds the ${before} rows from before the run and the ${loaded} that were loaded (${loadedBy}).`,
        unequal: `${name} should hold the ${before} rows from before the run and the ${loaded} that were loaded (${loadedBy}): rows came or went that the run does not know of.`,
      }),
    ]
  },
}
