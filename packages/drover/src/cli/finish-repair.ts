import type { RepairOutcome } from '../repair/outcome.ts'
import { exitCodes } from './exit.ts'
import type { Io } from './io.ts'
import { renderRepair, stillQuarantined } from './repair-text.ts'
import { renderJsonValue, writeResult } from './result.ts'

/** Tells what a repair did and what is next, and sets the exit code: rows that are still quarantined are told by it. */
export async function finishRepair(io: Io, outcome: RepairOutcome, flags: { readonly json?: true }): Promise<void> {
  const { runId, mappings } = outcome
  const left = stillQuarantined(outcome)
  const text = mappings.length === 0 ? `Run ${runId} had no such row to try.` : renderRepair(outcome)
  await writeResult(io, flags.json ? renderJsonValue(outcome) : text, undefined)
  if (!flags.json && mappings.length > 0) {
    if (left > 0n) io.stderr.write(`What is still set aside: drover quarantine list --run ${runId}\n`)
    io.stderr.write(`The run has changed; verify it again: drover verify --run ${runId}\n`)
  }
  io.finish(left > 0n ? exitCodes.quarantined : exitCodes.done)
}
