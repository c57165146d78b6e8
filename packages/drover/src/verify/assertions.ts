import type { AssertionPlan } from '../plan/declared-plan.ts'
import { withinAllowance } from './allowance.ts'
import { type Check, counted, type DeclaredSubject } from './check.ts'
import { allowed, declaredStatement, listRows, queryOfRun, refusedAs } from './declared.ts'
import type { Finding, SampleRow } from './verification.ts'

/**
 * Rules that the migration declares: queries that return no row, or no more than is allowed.
 *
 * One that reads a table of the source warns where something is gone: after the cutover the old tables may be dropped.
 */
export const assertions: Check<DeclaredSubject> = {
  name: 'business rules',
  whenGone: 'fail',
  refused: refusedAs('business rules', ({ declared }) => ((declared as AssertionPlan).readsSource ? 'warn' : 'fail')),
  run: async (tx, subject) => {
    const assertion = subject.declared as AssertionPlan
    const { allow } = assertion
    const rows = (await tx.query(declaredStatement(subject, assertion.statement))) as unknown as readonly BreakingRow[]
    const [all] = assertion.countAll === null ? [] : await tx.query(declaredStatement(subject, assertion.countAll))
    const of = BigInt((all?.n as string | undefined) ?? 0)
    const count = BigInt(rows[0]?.n ?? 0)
    const common = {
      check: 'business rules',
      mapping: null,
      rule: assertion.name,
      expected: allowed(allow, of),
      actual: counted(count, 'row'),
    } as const
    if (count === 0n) return [{ ...common, verdict: 'pass', detail: 'No row breaks the rule.' }]
    const sample = rows.map(
      ({ key, masked }): SampleRow => ({ key, ...(Object.keys(masked).length === 0 ? {} : { target: masked }) }),
    )
    const finding: Finding = {
      ...common,
      verdict: withinAllowance(allow, count, of) ? 'warn' : 'fail',
      detail: `${count === 1n ? 'A row breaks' : 'Rows break'} the rule: ${listRows(count, sample)}.`,
      sample,
      query: queryOfRun(subject.runId, assertion.query),
    }
    return [finding]
  },
}

type Texts = Readonly<Record<string, string | null>>

interface BreakingRow {
  /** How many rows break the rule, an int8 as text. */
  readonly n: string
  readonly key: Texts
  readonly masked: Texts
}
