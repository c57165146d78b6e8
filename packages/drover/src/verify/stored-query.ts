import { type Check, counted, type MappingSubject } from './check.ts'
import { checkStatement, listKeys } from './violations.ts'

/**
 * A mapping that reads from a query was made of the answer that was stored: the query gives the same one today. Where it
 * does not, its tables were changed since, or it answers differently from call to call.
 *
 * A table that is gone warns: after the cutover the old ones may be dropped.
 */
export const storedQuery: Check<MappingSubject> = {
  name: 'stored query',
  whenGone: 'warn',
  run: async (tx, { runId, mapping, tally }, { afterCutover }) => {
    const statement = mapping.compareStoredQuery
    if (statement === null) return []
    const rows = await tx.query(checkStatement({ runId, mapping: mapping.name, check: 'stored query' }, statement))
    const count = BigInt((rows[0]?.n as string | undefined) ?? 0)
    const keys = rows.map(({ key, change }) => `${key} (${change})`)
    const expected = `the same ${counted(tally.sourceRows ?? 0n, 'row')}`
    const common = { check: 'stored query', mapping: mapping.name, expected } as const
    if (count === 0n) {
      const detail = 'The query that the mapping reads from gives what was stored of it.'
      return [{ ...common, verdict: 'pass', actual: expected, detail }]
    }
    return [
      {
        ...common,
        verdict: afterCutover ? 'warn' : 'fail',
        actual: `${counted(count, 'row')} ${count === 1n ? 'differs' : 'differ'}`,
        detail: `The query that the mapping reads from gives other rows than those that were stored of it: ${listKeys({ count, keys })}.`,
      },
    ]
  },
}
