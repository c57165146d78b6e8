import type { Command } from 'commander'
import { DroverError } from '../../error.ts'
import { readLedgerVersions } from '../../ledger/install.ts'
import { type DatabaseFlags, databaseOption, openNamed } from '../database.ts'
import type { Io } from '../io.ts'
import { renderPlanSql } from '../plan-sql.ts'
import { renderPlan } from '../plan-text.ts'
import { renderJsonValue, writeResult } from '../result.ts'

interface PlanFlags extends DatabaseFlags {
  readonly sql?: true
  readonly json?: true
  readonly out?: string
}

/** `drover plan`: what a run would do. */
export function definePlan(command: Command, io: Io): void {
  command
    .description(
      'Shows what a run of the migration would do, in which order, and what must be allowed first. Reads the catalog and no rows, and changes nothing.',
    )
    .argument('<migration>', 'the migration file')
    .addOption(databaseOption())
    .option('--sql', 'every statement that will run, in order, with comments')
    .option('--json', 'the plan as JSON, for drover run --plan')
    .option('--out <file>', 'where to write (default: stdout)')
    .addHelpText(
      'after',
      `
Examples:
  $ drover plan migration.ts
  $ drover plan migration.ts --json --out plan.json && drover run --plan plan.json`,
    )
    .action(async (file: string, flags: PlanFlags) => {
      if (flags.sql && flags.json) {
        throw new DroverError('usage-invalid', '--sql and --json exclude each other.', { remedy: 'Give one of them.' })
      }
      const db = await openNamed(flags, io)
      try {
        // The planner is half of the program: help and wrong flags do not wait for it.
        const { makePlan } = await import('../make-plan.ts')
        const plan = await makePlan(db, file)
        if (flags.json) await writeResult(io, renderJsonValue(plan), flags.out)
        else if (flags.sql)
          await writeResult(
            io,
            renderPlanSql(
              plan,
              (await readLedgerVersions()).map(({ sql }) => sql),
            ),
            flags.out,
          )
        else await writeResult(io, renderPlan(plan), flags.out)
      } finally {
        await db.close()
      }
    })
}
