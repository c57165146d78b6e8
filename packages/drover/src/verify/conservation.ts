import { type Check, counted, judge, type MappingSubject } from './check.ts'
import { listCounts, sumOf } from './disposition.ts'

/**
 * I2, by the ledger's own account: the rows that the chunks read, and the sum of what became of them, are the rows that
 * the source held when the mapping was closed.
 */
export const conservation: Check<MappingSubject> = {
  name: 'conservation',
  whenGone: 'fail',
  run: async (_, { mapping, tally }) => {
    const sum = sumOf(tally)
    return [
      judge({
        check: 'conservation',
        mapping: mapping.name,
        expected: `read ${tally.sourceRows}, disposed of ${tally.sourceRows}`,
        actual: `read ${tally.read}, disposed of ${sum}`,
        equal: `Every source row has one disposition: ${listCounts(tally)}.`,
        unequal: `The source held ${counted(tally.sourceRows ?? 0n, 'row')} when the mapping was closed, the chunks read ${tally.read}, and their dispositions add up to ${sum}.`,
      }),
    ]
  },
}
