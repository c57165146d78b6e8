import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { type Fingerprint, recordFingerprints } from '../ledger/fingerprint.ts'
import { stateRefused } from '../ledger/refused-state.ts'
import { changeState, type Run, recordEvent } from '../ledger/run.ts'
import type { RunState } from '../ledger/state.ts'
import { endVerification, wasDisturbed } from '../ledger/verification.ts'
import type { Plan } from '../plan/plan.ts'
import {
  type CheckName,
  checkNames,
  type Finding,
  type SampleRow,
  type Verdict,
  type Verification,
} from './verification.ts'

/** The states in which there is something to verify: everything is loaded, and nothing is being changed. */
const verifiable: readonly RunState[] = ['loaded', 'verified', 'finalized']

/** @throws DroverError `state-refused` where the run has not loaded everything, or is being changed. */
export function requireVerifiable(run: Pick<Run, 'id' | 'state'>): void {
  if (verifiable.includes(run.state)) return
  throw stateRefused(run, ': only a run that is loaded can be verified')
}

/**
 * A plan of an older drover does not hold what a verification asks: its statements say other things under the same names.
 *
 * @throws DroverError `state-refused`
 */
export function requireCurrentPlan({ id, plan }: Pick<Run, 'id' | 'plan'>): void {
  if ((plan as Partial<Plan>).checks !== undefined) return
  throw new DroverError(
    'state-refused',
    `Run ${id} was planned by an older drover, and cannot be verified by this one.`,
    {
      remedy: 'Verify it with the drover that planned it.',
    },
  )
}

/**
 * Puts the findings in place of those of an earlier verification, and moves the run to the state that they mean:
 * `verified` when nothing failed, back to `loaded` when something did. A finalized run stays what it is.
 *
 * @throws DroverError `state-refused` where the run left its state, or was repaired, while it was verified.
 */
export async function writeFindings(
  tx: Queryable,
  verificationId: string,
  verification: Verification,
  fingerprints: readonly Fingerprint[] = [],
): Promise<void> {
  const { runId, verdict, findings } = verification
  const [row] = await tx.query('select state from drover.run where id = $1 for update', [runId])
  const state = row?.state as RunState
  requireVerifiable({ id: runId, state })
  if (await wasDisturbed(tx, verificationId)) {
    // Some parts saw the run as it was, others as it is.
    throw new DroverError('state-refused', `Run ${runId} was changed while it was verified: no verdict was written.`, {
      remedy: `Verify it again: drover verify --run ${runId}.`,
    })
  }
  await tx.query('delete from drover.finding where run_id = $1', [runId])
  await tx.query(
    `insert into drover.finding (run_id, check_name, mapping, rule, verdict, expected, actual, detail, sample, query)
select $1, check_name, mapping, rule, verdict, expected, actual, detail, coalesce(sample, '[]'), query
from jsonb_to_recordset($2) as finding (
  check_name text, mapping text, rule text, verdict text, expected text, actual text, detail text, sample jsonb,
  query text
)`,
    [runId, JSON.stringify(findings.map(({ check, ...finding }) => ({ check_name: check, ...finding })))],
  )
  await recordFingerprints(tx, await endVerification(tx, verificationId, verdict), fingerprints)
  const count = (of: Verdict) => findings.filter((finding) => finding.verdict === of).length
  await recordEvent(tx, runId, 'run checked', {
    verdict,
    passed: count('pass'),
    warned: count('warn'),
    failed: count('fail'),
    notRun: count('not run'),
  })
  if (verdict !== 'fail') await changeState(tx, runId, 'verified', 'verification passed')
  // Only from `verified`: other states lead to `loaded` too, by other causes.
  else if (state === 'verified') await changeState(tx, runId, 'loaded', 'verification was repeated and did not pass')
}

/** The findings of the run's last verification, in the order of the checks; none where it was never verified. */
export async function readFindings(tx: Queryable, runId: string): Promise<readonly Finding[]> {
  const rows = await tx.query(
    `select check_name, finding.mapping, rule, verdict, expected, actual, detail, sample, query
from drover.finding
left join drover.step on step.run_id = finding.run_id and step.mapping = finding.mapping
where finding.run_id = $1
order by array_position($2::text[], check_name), step.position nulls last, rule collate "C" nulls first, detail collate "C"`,
    [runId, checkNames],
  )
  return rows.map((row) => ({
    check: row.check_name as CheckName,
    mapping: row.mapping as string | null,
    verdict: row.verdict as Verdict,
    expected: row.expected as string | null,
    actual: row.actual as string | null,
    detail: row.detail as string,
    ...(row.rule === null ? {} : { rule: row.rule as string }),
    ...((row.sample as readonly SampleRow[]).length === 0 ? {} : { sample: row.sample as readonly SampleRow[] }),
    ...(row.query === null ? {} : { query: row.query as string }),
  }))
}
