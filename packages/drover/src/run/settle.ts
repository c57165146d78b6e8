import type { Queryable } from '../db/connection.ts'
import { nextChunkNumber } from '../ledger/step.ts'
import { checkConstraintsAtOnce, type MappingPlan } from '../plan/plan.ts'

/**
 * What can only be decided when all rows of a mapping are in: duplicates whose survivor was not loaded and rows whose
 * required reference leads nowhere are set aside, until no row follows another out; then references that close a circle
 * are filled, of this mapping and of those that waited for it.
 */
export async function settleMapping(
  tx: Queryable,
  runId: string,
  mapping: MappingPlan,
  all: Iterable<MappingPlan>,
): Promise<void> {
  await tx.query(checkConstraintsAtOnce)
  await settleQuarantine(tx, runId, mapping)
  for (const { statements } of all) {
    if (statements.settleReferences?.after === mapping.name) await tx.query(statements.settleReferences.fill, [runId])
  }
}

/** The first part of that: sets aside what must not stay, until no row follows another out. */
export async function settleQuarantine(tx: Queryable, runId: string, mapping: MappingPlan): Promise<void> {
  const { settleMerges, settleReferences } = mapping.statements
  const quarantines = [settleReferences?.quarantine ?? null, settleMerges].filter((statement) => statement !== null)
  for (let moved = true; moved; ) {
    moved = false
    for (const statement of quarantines) {
      const number = await nextChunkNumber(tx, runId, mapping.name)
      const adjusted = await tx.query(statement, [runId, number])
      moved ||= adjusted.length > 0
    }
  }
}
