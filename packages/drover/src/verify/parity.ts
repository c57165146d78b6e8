import type { ParityPlan } from '../plan/declared-plan.ts'
import { withinAllowance } from './allowance.ts'
import { type Check, counted, type DeclaredSubject } from './check.ts'
import { declaredStatement, listRows, queryOfRun, refusedAs } from './declared.ts'
import type { Finding, SampleRow } from './verification.ts'

/**
 * Questions whose answers must be the same in the old schema and in the new one. After the cutover a difference warns, for
 * the application goes on in the new one alone; so does a table of the source that was dropped since.
 */
export const parity: Check<DeclaredSubject> = {
  name: 'parity',
  whenGone: 'warn',
  refused: refusedAs('parity', () => 'warn'),
  run: async (tx, subject, { afterCutover }) => {
    const plan = subject.declared as ParityPlan
    const rows = (await tx.query(declaredStatement(subject, plan.statement))) as unknown as readonly ParityRow[]
    const { n, source_rows, target_rows, explained } = rows[0]!
    const count = BigInt(n)
    const reasons = plan.because.flatMap((because, i) =>
      explained[i] === '0'
        ? []
        : [
            `${counted(BigInt(explained[i]!), 'row')} ${explained[i] === '1' ? 'differs' : 'differ'} as explained: ${because}.`,
          ],
    )
    const expected = `the same ${counted(BigInt(source_rows), 'row')}`
    const common = { check: 'parity', mapping: null, rule: plan.name, expected } as const
    const query = queryOfRun(subject.runId, plan.query)
    if (count === 0n) {
      const isEmpty = source_rows === '0' && target_rows === '0'
      const equal = isEmpty
        ? 'Neither side gives a row.'
        : reasons.length === 0
          ? 'Both sides give the same answer.'
          : 'Both sides give the same answer otherwise.'
      return [
        {
          ...common,
          verdict: 'pass',
          actual:
            reasons.length === 0
              ? expected
              : `${counted(BigInt(target_rows), 'row')}, the same but for what is explained`,
          detail: [...reasons, equal].join(' '),
          ...(reasons.length === 0 ? {} : { query }),
        },
      ]
    }
    const sample = rows.map(sampleOf)
    const isAllowed = afterCutover || withinAllowance(plan.allow, count, BigInt(source_rows))
    const finding: Finding = {
      ...common,
      verdict: isAllowed ? 'warn' : 'fail',
      actual: `${counted(BigInt(target_rows), 'row')}, ${count} ${count === 1n ? 'differs' : 'differ'}`,
      detail: [`The answers differ${named(count, sample)}.`, ...reasons].join(' '),
      sample,
      query,
    }
    return [finding]
  },
}

/** Rows that are compared as a whole have no key to name them by. */
function named(count: bigint, sample: readonly SampleRow[]): string {
  return Object.keys(sample[0]!.key).length === 0 ? ` in ${counted(count, 'row')}` : `: ${listRows(count, sample)}`
}

/** Of a row that both sides have, the columns that differ. */
function sampleOf({ key, source, target, fault, columns }: ParityRow): SampleRow {
  if (fault !== null) return { key, fault, source, target }
  const differing = (side: Texts | null) =>
    side && Object.fromEntries(columns.map((name) => [name, side[name] ?? null]))
  return { key, fault: columns.join(', '), source: differing(source), target: differing(target) }
}

type Texts = Readonly<Record<string, string | null>>

interface ParityRow {
  /** int8 as text, as are the other counts. */
  readonly n: string
  readonly source_rows: string
  readonly target_rows: string
  readonly explained: readonly string[]
  readonly key: Texts
  readonly source: Texts | null
  readonly target: Texts | null
  readonly fault: string | null
  readonly columns: readonly string[]
}
