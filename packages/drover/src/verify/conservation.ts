import type { Tally } from '../ledger/tally.ts'
import { type Check, counted, judge, type MappingSubject } from './check.ts'
import { listCounts, sumOf } from './disposition.ts'

/**
 * I2, by the ledger's own account: the rows that the chunks read, and the sum of what became of them, are the rows that
 * the source held when the mapping was closed. Where it held another number before the first chunk, someone wrote to it in
 * between: that warns, for every row that the chunks met has its disposition.
 */
export const conservation: Check<MappingSubject> = {
  name: 'conservation',
  whenGone: 'fail',
  run: async (_, { mapping, tally }) => {
    const sum = sumOf(tally)
    const before = tally.sourceRowsBefore === null ? '' : `before ${tally.sourceRowsBefore}, `
    const finding = judge({
      check: 'conservation',
      mapping: mapping.name,
      expected: `${before}read ${tally.sourceRows}, disposed of ${tally.sourceRows}`,
      actual: `${before}read ${tally.read}, disposed of ${sum}`,
      equal: `Every source row has one disposition: ${listCounts(tally)}.`,
      unequal: `The source held ${counted(tally.sourceRows ?? 0n, 'row')} when the mapping was closed, the chunks read ${tally.read}, and their dispositions add up to ${sum}.`,
    })
    if (finding.verdict === 'fail' || !changedMeanwhile(tally)) return [finding]
    const detail = `The source held ${counted(tally.sourceRowsBefore!, 'row')} before the first chunk and ${tally.sourceRows} when the mapping was closed: rows came or went during the run.`
    return [{ ...finding, verdict: 'warn', detail }]
  },
}

function changedMeanwhile({ sourceRows, sourceRowsBefore }: Tally): boolean {
  return sourceRowsBefore !== null && sourceRowsBefore !== sourceRows
}
