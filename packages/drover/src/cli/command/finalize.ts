import { type Command, Option } from 'commander'
import { renderBytes } from '../../report/figures.ts'
import {
  type Droppable,
  droppables,
  type FinalizeHazard,
  type FinalizeOutcome,
  finalizeHazards,
} from '../../rollback/finalize.ts'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption } from '../database.ts'
import { runNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { withDatabase } from '../named-run.ts'
import { renderJsonValue, writeResult } from '../result.ts'

interface FinalizeFlags extends DatabaseFlags {
  readonly run?: string
  readonly drop?: readonly Droppable[]
  readonly allow?: readonly FinalizeHazard[]
  readonly json?: true
}

/** `drover finalize`: gives the way back up. */
export function defineFinalize(command: Command, io: Io): void {
  command
    .description(
      'Ends a run for good: it can no longer be taken back or mended. Refused until a verification has passed, and a rehearsal has shown that the plan can be taken back. What is evidence stays: the plan, counts, quarantine, corrections, merges, findings, events.',
    )
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--run <number>', 'the run to end (default: the newest)', runNumber)
    .addOption(
      new Option(
        '--drop <tables...>',
        'what goes: rows as they were before, which source row became which target row, stored queries (default: nothing)',
      ).choices(droppables),
    )
    .addOption(
      new Option('--allow <hazards...>', 'what is not there and need not be (default: nothing)').choices(
        finalizeHazards,
      ),
    )
    .option('--json', 'the outcome as JSON; bytes are text')
    .addHelpText(
      'after',
      `
Examples:
  $ drover finalize
  $ drover finalize --run 7 --drop before-images working-tables`,
    )
    .action(async (flags: FinalizeFlags) => {
      const { finalize } = await import('../../rollback/finalize.ts')
      const { run, drop, allow, json } = flags
      const outcome = await withDatabase(flags, io, (db) =>
        finalize(db, run, { ...(drop ? { drop } : {}), ...(allow ? { allowed: allow } : {}) }),
      )
      await writeResult(io, json ? renderJsonValue(outcome) : renderFinalized(outcome), undefined)
    })
}

function renderFinalized({ runId, dropped }: FinalizeOutcome): string {
  return [
    `Run ${runId} is final: it can no longer be taken back.`,
    ...dropped.map(({ table, bytes }) => `Dropped ${table}, ${renderBytes(String(bytes))}.`),
  ].join('\n')
}
