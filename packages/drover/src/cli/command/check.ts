import type { Command } from 'commander'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption, openNamed } from '../database.ts'
import type { Io } from '../io.ts'
import { requireMigrationFile } from '../load-migration.ts'
import { renderJsonValue, writeResult } from '../result.ts'

interface CheckFlags extends DatabaseFlags {
  readonly json?: true
  readonly out?: string
}

/** `drover check`: what is wrong in the data, and what a run would do about it. */
export function defineCheck(command: Command, io: Io): void {
  command
    .description(
      'Tells what a run of the migration would do with every row as it is now: loaded, merged, matched, set aside or excluded, and which values it would correct. Reads all rows, and changes nothing.',
    )
    .argument('<migration>', 'the migration file')
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--json', 'as JSON; counts are text')
    .option('--out <file>', 'where to write (default: stdout)')
    .addHelpText(
      'after',
      `
Exits with 0 whatever it finds: what is to be done about a row, the migration says. Below "Wrong:" stands what
would make a run fail or the server refuse rows; a mapping whose rows do not add up is marked with ✗.

Examples:
  $ drover check migration.ts
  $ drover check migration.ts --json --out check.json`,
    )
    .action(async (file: string, flags: CheckFlags) => {
      await requireMigrationFile(file)
      const db = await openNamed(flags, io)
      try {
        // The planner is half of the program: help and wrong flags do not wait for it.
        const { makeForesight } = await import('../make-plan.ts')
        const { findEarlierRun } = await import('../../check/earlier-run.ts')
        const { readOutlook } = await import('../../check/outlook.ts')
        const { renderOutlook } = await import('../outlook-text.ts')
        const { migration, foresights } = await makeForesight(db, file)
        const earlier = await findEarlierRun(db, migration)
        let checked = 0
        const outlooks = await readOutlook(db, foresights, ({ mapping }) => {
          checked += 1
          if (!flags.json) io.stderr.write(`Checked ${mapping} (${checked} of ${foresights.length}).\n`)
        })
        const text = flags.json
          ? renderJsonValue({ earlierRun: earlier ?? null, mappings: outlooks })
          : renderOutlook(outlooks, earlier)
        await writeResult(io, text, flags.out)
      } finally {
        await db.close()
      }
    })
}
