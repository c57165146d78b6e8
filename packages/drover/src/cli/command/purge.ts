import type { Command } from 'commander'
import type { PurgeOutcome } from '../../ending/purged.ts'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption } from '../database.ts'
import { age, runNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { withDatabase } from '../named-run.ts'
import { renderPurge } from '../purge-text.ts'
import { renderJsonValue, writeResult } from '../result.ts'

interface PurgeFlags extends DatabaseFlags {
  /** In seconds. */
  readonly olderThan: number
  readonly run?: string
  readonly dryRun?: true
  readonly json?: true
}

/** `drover purge`: takes the keys and originals of ended runs out of the ledger. */
export function definePurge(command: Command, io: Io): void {
  command
    .description(
      'Takes what holds keys or values of rows out of the ledger, of runs that are over for good: finalized, or rolled back. Quarantine, corrections, notes, merges, crosswalks, before-images, rows that a rollback discarded, keys in findings. Plans, counts, verdicts and events stay: the report of such a run says the same as before. Killed anywhere, the same command goes on.',
    )
    .addOption(databaseOption())
    .addOption(configOption())
    .requiredOption('--older-than <age>', 'runs that ended at least that long ago: 90d, 12h, 8w; 0d means any', age)
    .option('--run <number>', 'this run alone (default: all that are old enough)', runNumber)
    .option('--dry-run', 'tell what would go, and touch nothing')
    .option('--json', 'the outcome as JSON; counts and bytes are text')
    .addHelpText(
      'after',
      `
Examples:
  $ drover purge --older-than 90d --dry-run
  $ drover purge --older-than 0d --run 7`,
    )
    .action(async ({ olderThan, run, dryRun, json, ...flags }: PurgeFlags) => {
      const { purge } = await import('../../ending/purge.ts')
      const outcome: PurgeOutcome = await withDatabase(flags, io, (db) =>
        purge(db, { olderThanSeconds: olderThan, run, dryRun: dryRun ?? false }),
      )
      await writeResult(io, json ? renderJsonValue(outcome) : renderPurge(outcome), undefined)
    })
}
