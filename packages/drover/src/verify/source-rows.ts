import { type Check, counted, type MappingSubject } from './check.ts'
import { checkStatement } from './violations.ts'

/**
 * The source holds as many rows as the run read. Of a mapping that reads from a query, what was stored of it is the source.
 *
 * A source that is gone warns: after the cutover the old tables may be dropped.
 */
export const sourceRows: Check<MappingSubject> = {
  name: 'source rows',
  whenGone: 'warn',
  run: async (tx, { runId, mapping, tally }, { afterCutover }) => {
    const origin = { runId, mapping: mapping.name, check: 'source rows' } as const
    const [row] = await tx.query(checkStatement(origin, mapping.statements.countSource))
    const expected = String(tally.sourceRows)
    const actual = row?.n as string
    const verdict = expected === actual ? 'pass' : afterCutover ? 'warn' : 'fail'
    const stored = mapping.source === 'query'
    const source = stored ? 'The stored query' : `The source ${mapping.source}`
    const detail =
      verdict === 'pass'
        ? `${source} holds as many rows as when the mapping was closed.`
        : `${source} holds ${counted(BigInt(actual), 'row')}, and ${expected} when the mapping was closed: rows that came or went since were not carried.`
    return [{ check: 'source rows', mapping: mapping.name, verdict, expected, actual, detail }]
  },
}
