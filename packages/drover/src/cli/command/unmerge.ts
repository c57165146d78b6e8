import type { Command } from 'commander'
import { findMerged } from '../../repair/merge-group.ts'
import { ambiguous } from '../../repair/named-rows.ts'
import type { Io } from '../io.ts'
import { requireMigrationFile } from '../load-migration.ts'
import { type RunFlags, readOfRun, withDatabase } from '../named-run.ts'
import { withRunFlags } from '../selection-flags.ts'

interface UnmergeFlags extends RunFlags {
  readonly mapping?: string
  readonly json?: true
}

/** `drover unmerge`: takes one merge back. */
export function defineUnmerge(command: Command, io: Io): void {
  withRunFlags(
    command
      .description(
        'Takes one merge back: the merged row becomes a row of its own, the survivor is as without it, references follow, and the two are never merged again. The migration file is needed only where the plan calls functions of it.',
      )
      .argument('<key>', 'the source key of the merged row; drover merges show tells it')
      .argument('[migration]', 'the migration file, where the plan runs JavaScript'),
  )
    .option('--json', 'as JSON; counts are text')
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 failed, 2 the call was wrong, 3 done, and the row is quarantined.

Examples:
  $ drover unmerge c2
  $ drover unmerge c2 migration.ts --run 7 --mapping clinics`,
    )
    .action(async (key: string, file: string | undefined, flags: UnmergeFlags) => {
      if (file !== undefined) await requireMigrationFile(file)
      await withDatabase(flags, io, async (db) => {
        const { run, mapping } = await readOfRun(db, flags, async (tx, found) => {
          const rows = await findMerged(tx, found, { mapping: flags.mapping, key })
          if (rows.length > 1)
            throw ambiguous(
              key,
              rows.map((row) => row.mapping),
              'merged',
            )
          return { run: found, mapping: rows[0]!.mapping }
        })
        // The planner is half of the program: help and wrong flags do not wait for it.
        const { functionsOfRun } = await import('../functions-of-file.ts')
        const { unmergeRow } = await import('../../repair/unmerge.ts')
        const { finishRepair } = await import('../finish-repair.ts')
        const functions = await functionsOfRun(run, file)
        await finishRepair(io, await unmergeRow(db, run.id, { mapping, key }, functions), flags)
      })
    })
}
