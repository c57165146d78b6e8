import type { Run } from '../ledger/run.ts'
import { type Finding, overallVerdict } from '../verify/verification.ts'
import type { ControlTotal } from './control-totals.ts'
import type { ReportPurge } from './purge.ts'
import type { ReportRebuild } from './rebuilds.ts'
import type { QuarantineGroup, ReportMapping, ReportVerdict } from './report.ts'
import type { ReportRollback } from './rollback.ts'

/** What the verdict is made of. */
export interface VerdictBasis {
  readonly run: Pick<Run, 'id' | 'migration' | 'state'>
  readonly mappings: readonly ReportMapping[]
  readonly quarantine: readonly QuarantineGroup[]
  readonly controlTotals: readonly ControlTotal[]
  readonly rebuilds: readonly ReportRebuild[]
  readonly findings: readonly Finding[]
  readonly rollback: ReportRollback | null
  /** Absent where the run was not purged. */
  readonly purge?: ReportPurge | undefined
}

/** A verdict counts as long as the run is what it was; a failed one stands until another takes its place. */
export function verificationOf({
  run,
  findings,
}: Pick<VerdictBasis, 'run' | 'findings'>): ReportVerdict['verification'] {
  const verdict = findings.length === 0 ? 'not run' : overallVerdict(findings)
  return verdict === 'fail' || run.state === 'verified' || run.state === 'finalized' ? verdict : 'not run'
}
