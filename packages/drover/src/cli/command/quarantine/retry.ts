import type { Command } from 'commander'
import type { Io } from '../../io.ts'
import { requireMigrationFile } from '../../load-migration.ts'
import { readOfRun, withDatabase } from '../../named-run.ts'
import { type SelectionFlags, selectionOf, withSelectionFlags } from '../../selection-flags.ts'

interface RetryFlags extends SelectionFlags {
  readonly json?: true
}

/** `drover quarantine retry`: tries rows again, with their fixes. */
export function defineRetry(command: Command, io: Io): void {
  withSelectionFlags(
    command
      .description(
        'Tries quarantined rows again through the plan of the run, with their fixes, then the rows that waited for them. Rows that were accepted stay out unless they are named by key. The migration file is needed only where the plan calls functions of it.',
      )
      .argument('[migration]', 'the migration file, where the plan runs JavaScript'),
  )
    .option('--json', 'as JSON; counts are text')
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 failed, 2 the call was wrong, 3 done with rows that are still quarantined.

Examples:
  $ drover quarantine retry
  $ drover quarantine retry migration.ts --run 7 --mapping vals --key v1042`,
    )
    .action(async (file: string | undefined, flags: RetryFlags) => {
      if (file !== undefined) await requireMigrationFile(file)
      await withDatabase(flags, io, async (db) => {
        const run = await readOfRun(db, flags, async (_, found) => found)
        // The planner is half of the program: help and wrong flags do not wait for it.
        const { functionsOfRun } = await import('../../functions-of-file.ts')
        const { retryRows } = await import('../../../repair/retry.ts')
        const { finishRepair } = await import('../../finish-repair.ts')
        const functions = await functionsOfRun(run, file)
        await finishRepair(io, await retryRows(db, run.id, selectionOf(flags), functions), flags)
      })
    })
}
