import type { Queryable } from '../db/connection.ts'
import { readAltered, restoreAltered } from '../ledger/altered-object.ts'
import { keepsSource } from '../ledger/freeze.ts'
import { finishRollback, type RollbackFinding, type RollbackVerdict } from '../ledger/rollback.ts'
import { changeState, recordEvent } from '../ledger/run.ts'
import { recordTransaction } from '../ledger/transaction.ts'
import { releaseSource } from '../run/freeze.ts'
import { compareWithStart } from './compare.ts'
import type { Way } from './way.ts'

/** When all rows are taken back: sets sequences back, and makes objects as they were. Can be done again. */
export async function restoreObjects(tx: Queryable, { runId, plan, steps }: Way): Promise<readonly RollbackFinding[]> {
  await recordTransaction(tx, runId)
  const findings: RollbackFinding[] = []
  const sequences = new Map(steps.flatMap(({ mapping }) => mapping.sequences).map((each) => [each.name, each]))
  for (const { name, restore } of sequences.values()) {
    const [row] = await tx.query(restore, [runId])
    if (row === undefined || row.isBack === true) continue
    findings.push({
      check: 'sequence',
      object: name,
      verdict: 'warn',
      detail: `Sequence ${name} stays where it is: others have drawn numbers from it since, or rows that stay hold some.`,
    })
  }
  for (const object of await readAltered(tx, runId)) await restoreAltered(tx, object)
  // A run that let its source go leaves it alone: a newer one may block the same tables.
  if (plan.freeze.mode === 'block' && (await keepsSource(tx, runId))) await releaseSource(tx, runId, plan.freeze)
  return findings
}

/** The last act: compares with the start, and ends the run. */
export async function finish(
  tx: Queryable,
  { runId, plan }: Pick<Way, 'runId' | 'plan'>,
  earlier: readonly RollbackFinding[],
): Promise<{ readonly verdict: RollbackVerdict; readonly findings: readonly RollbackFinding[] }> {
  const findings = [...earlier, ...(await compareWithStart(tx, { runId, plan }))]
  const verdict = worst(findings)
  await finishRollback(tx, runId, verdict, findings)
  if (await changeState(tx, runId, 'rolled_back', 'what the run wrote is taken back')) {
    await recordEvent(tx, runId, 'rollback ended', { verdict })
  }
  return { verdict, findings }
}

function worst(findings: readonly RollbackFinding[]): RollbackVerdict {
  for (const verdict of ['fail', 'warn'] as const)
    if (findings.some((finding) => finding.verdict === verdict)) return verdict
  return 'pass'
}
