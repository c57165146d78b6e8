import type { Command } from 'commander'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption, openNamed } from '../database.ts'
import type { Io } from '../io.ts'
import { requireMigrationFile } from '../load-migration.ts'
import { renderJsonValue, writeResult } from '../result.ts'
import { writeToFile } from '../write-file.ts'

interface CheckFlags extends DatabaseFlags {
  readonly json?: true
  readonly out?: string
  readonly showValues?: true
  readonly record?: true
}

/** `drover check`: what is wrong in the data, and what a run would do about it. */
export function defineCheck(command: Command, io: Io): void {
  command
    .description(
      'Tells what is wrong in the data, and what a run of the migration would do with every row as it is now: loaded, merged, matched, set aside or excluded, which values it would correct, which rules of the target rows would break. Reads all rows, and changes nothing.',
    )
    .argument('<migration>', 'the migration file')
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--show-values', 'least and greatest values in clear; not those of columns that are secret or personal')
    .option(
      '--record',
      "keep the result in the ledger, for the report of a run of this plan; makes the ledger's schema",
    )
    .option('--json', 'as JSON; counts are text')
    .option('--out <file>', 'where to write (default: stdout)')
    .addHelpText(
      'after',
      `
Exits with 0 whatever it finds: what is to be done about a row, the migration says. Below "Wrong:" stands what
would make a run fail or the server refuse rows; a mapping whose rows do not add up is marked with ✗.

Examples:
  $ drover check migration.ts --record
  $ drover check migration.ts --json --out check.json`,
    )
    .action(async (file: string, flags: CheckFlags) => {
      await requireMigrationFile(file)
      const db = await openNamed(flags, io)
      try {
        // The planner is half of the program: help and wrong flags do not wait for it.
        const { makeCheck } = await import('../make-plan.ts')
        const { findEarlierRun } = await import('../../check/earlier-run.ts')
        const { readCheck } = await import('../../check/check.ts')
        const { renderCheck } = await import('../check-text.ts')
        const { plan, check: asked } = await makeCheck(db, file, { showsValues: flags.showValues === true })
        const earlier = await findEarlierRun(db, plan.migration)
        const all = asked.passes.length + asked.profiles.length
        let done = 0
        const check = await readCheck(db, asked, (what) => {
          done += 1
          if (!flags.json) io.stderr.write(`Checked ${what} (${done} of ${all}).\n`)
        })
        const text = flags.json
          ? renderJsonValue({ planHash: plan.hash, earlierRun: earlier ?? null, ...check })
          : renderCheck(check, earlier)
        const { out, showValues } = flags
        if (out !== undefined && showValues) await writeToFile(io, out, async (to) => void to.write(`${text}\n`))
        else await writeResult(io, text, out)
        if (flags.record) {
          const { recordCheck } = await import('../../check/record.ts')
          await recordCheck(db, plan, check)
          io.stderr.write(`Recorded for plan ${plan.hash.slice(0, 12)}.\n`)
        }
      } finally {
        await db.close()
      }
    })
}
