import { type Check, counted, type MappingSubject } from './check.ts'
import { checkStatement } from './violations.ts'

/**
 * The source holds as many rows as the run read. A mapping that reads from a query is compared with the rows that the
 * query gave when it was stored: whether it would give others today is not known, and said.
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
    const common = { check: 'source rows', mapping: mapping.name } as const
    return [
      { ...common, verdict, expected, actual, detail },
      ...(stored
        ? [
            {
              ...common,
              verdict: 'not run' as const,
              expected: null,
              actual: null,
              detail: `Mapping ${mapping.name} reads from a stored query: whether its tables changed since was not checked.`,
            },
          ]
        : []),
    ]
  },
}
