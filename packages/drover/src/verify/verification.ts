import { type CheckName, checks } from '../codes/checks.ts'
import type { Fingerprint } from '../ledger/fingerprint.ts'

export type { CheckName }

/** The checks of a verification, in the order in which they are carried out and shown. */
export const checkNames = Object.keys(checks) as readonly CheckName[]

/** The outcome of one check. `not run` is said of what nobody looked at: it is never a pass. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'not run'

/** What one check found, of one mapping or of the run as a whole. Keys, never values (I8). */
export interface Finding {
  readonly check: CheckName
  /** Null where several mappings, or none, are concerned; the detail then names them. */
  readonly mapping: string | null
  /** The declared check that it is about; absent of drover's own. */
  readonly rule?: string
  readonly verdict: Verdict
  /** Null where the check was not run, or could not be carried out. */
  readonly expected: string | null
  readonly actual: string | null
  /** One sentence. */
  readonly detail: string
  /** The first rows that show it, five at most; absent where no row does. */
  readonly sample?: readonly SampleRow[]
  /** SQL that shows all of them, with their values, to whoever runs it; absent where there is none. */
  readonly query?: string
  /** What a verification keeps of a table apart from its findings; absent once it has ended. */
  readonly fingerprint?: Fingerprint
}

/** A row that shows a finding: what names it in clear, values masked (I8). */
export interface SampleRow {
  /** By column; of a row of the source its one text `key`. */
  readonly key: Readonly<Record<string, string | null>>
  /** What is wrong with it, in a word or two; absent where the check has only one kind. */
  readonly fault?: string
  /** Masked values on the side of the source, or that the transform makes; null where there is no row. */
  readonly source?: Readonly<Record<string, string | null>> | null
  /** Masked values on the side of the target; null where there is no row. */
  readonly target?: Readonly<Record<string, string | null>> | null
}

/** What a verification came to. */
export interface Verification {
  readonly runId: string
  readonly verdict: Exclude<Verdict, 'not run'>
  /** Every finding, those that are `not run` included, in the order of the checks. */
  readonly findings: readonly Finding[]
  /** What was not checked, a sentence each. */
  readonly notChecked: readonly string[]
}

/** The verdict over all findings: fail if any failed, else warn if any warned, else pass. */
export function overallVerdict(findings: readonly Finding[]): Verification['verdict'] {
  const has = (verdict: Verdict) => findings.some((finding) => finding.verdict === verdict)
  if (has('fail')) return 'fail'
  return has('warn') ? 'warn' : 'pass'
}
