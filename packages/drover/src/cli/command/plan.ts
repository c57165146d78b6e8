import type { Command } from 'commander'
import type { Database } from '../../db/connection.ts'
import { DroverError } from '../../error.ts'
import { readLedgerVersions } from '../../ledger/install.ts'
import { findRehearsal } from '../../ledger/rehearsal.ts'
import type { Plan } from '../../plan/plan.ts'
import { renderInstant } from '../../report/figures.ts'
import { isoInstant } from '../../report/instant.ts'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption, openNamed } from '../database.ts'
import type { Io } from '../io.ts'
import { requireMigrationFile } from '../load-migration.ts'
import { renderPlanSql } from '../plan-sql.ts'
import { renderPlanSummary } from '../plan-summary.ts'
import { renderPlan } from '../plan-text.ts'
import { renderJsonValue, writeResult } from '../result.ts'

interface PlanFlags extends DatabaseFlags {
  readonly summary?: true
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
    .addOption(configOption())
    .option('--summary', 'a line for each mapping and hazard')
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
      if ([flags.summary, flags.sql, flags.json].filter(Boolean).length > 1) {
        throw new DroverError('usage-invalid', '--summary, --sql and --json exclude each other.', {
          remedy: 'Give one of them.',
        })
      }
      await requireMigrationFile(file)
      const db = await openNamed(flags, io)
      try {
        // The planner is half of the program: help and wrong flags do not wait for it.
        const { makePlan } = await import('../make-plan.ts')
        const plan = await makePlan(db, file)
        await writeResult(io, await render(plan, flags), flags.out)
        if (!flags.json && !flags.sql) {
          const { rebuildForecast } = await import('../rebuild-forecast.ts')
          const lines = [await rehearsalLine(db, plan), ...(await rebuildForecast(db, plan))]
          io.stderr.write(`${lines.join('\n')}\n`)
        }
      } finally {
        await db.close()
      }
    })
}

/** What is known of the plan beside itself. */
async function rehearsalLine(db: Database, { hash }: Plan): Promise<string> {
  const rehearsal = await db.transaction((tx) => findRehearsal(tx, hash), { readOnly: true })
  if (rehearsal === undefined) return 'Never rehearsed: drover rehearse, or drover run --allow unrehearsed.'
  const when = renderInstant(isoInstant(rehearsal.rehearsedAt))
  return rehearsal.verdict === 'pass' ? `Rehearsed ${when}: passed.` : `Rehearsed ${when}: failed.`
}

async function render(plan: Plan, flags: PlanFlags): Promise<string> {
  if (flags.json) return renderJsonValue(plan)
  if (flags.summary) return renderPlanSummary(plan)
  if (!flags.sql) return renderPlan(plan)
  const versions = await readLedgerVersions()
  return renderPlanSql(
    plan,
    versions.map(({ sql }) => sql),
  )
}
