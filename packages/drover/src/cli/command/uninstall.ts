import type { Command } from 'commander'
import type { Uninstalled } from '../../ending/uninstall.ts'
import { renderBytes, renderCount } from '../../report/figures.ts'
import { shellWord } from '../../report/shell-word.ts'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption } from '../database.ts'
import type { Io } from '../io.ts'
import { withDatabase } from '../named-run.ts'
import { renderJsonValue, writeResult } from '../result.ts'

interface UninstallFlags extends DatabaseFlags {
  readonly confirm?: string
  readonly giveUpTheWayBack?: true
  readonly json?: true
}

/** `drover uninstall`: drops all that drover has made in a database. */
export function defineUninstall(command: Command, io: Io): void {
  command
    .description(
      "Drops drover's schema, with the ledger of all runs, tables that have landed, and what else drover made in the database. What runs have loaded stays. Refused while a run is at work, or can still be taken back. Without --confirm it tells what would go, and touches nothing.",
    )
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--confirm <database>', 'do it: the name of the database that is meant')
    .option('--give-up-the-way-back', 'also where runs were neither finalized nor rolled back')
    .option('--json', 'the outcome as JSON; bytes are text')
    .addHelpText(
      'after',
      `
Examples:
  $ drover uninstall
  $ drover uninstall --confirm clinic`,
    )
    .action(async ({ confirm, giveUpTheWayBack, json, ...flags }: UninstallFlags) => {
      const { uninstall } = await import('../../ending/uninstall.ts')
      const outcome = await withDatabase(flags, io, (db) =>
        uninstall(db, { confirm, givesUpWayBack: giveUpTheWayBack ?? false }),
      )
      const further = giveUpTheWayBack ? ' --give-up-the-way-back' : ''
      await writeResult(io, json ? renderJsonValue(outcome) : renderUninstalled(outcome, further), undefined)
    })
}

function renderUninstalled(outcome: Uninstalled, further: string): string {
  const { isDone, database, runs, tables, bytes, landed, restored } = outcome
  const go = isDone ? 'Dropped' : 'Would drop'
  return [
    `${go} schema drover of ${database}: the ledger of ${renderCount(runs)} ${runs === 1 ? 'run' : 'runs'}, ${renderCount(tables)} tables, ${renderBytes(String(bytes))}.`,
    ...landed.map((table) => `${go} ${table}, which had landed.`),
    ...restored.map((object) => `${isDone ? 'Made as it was' : 'Would make as it was'}: ${object}.`),
    isDone
      ? 'Nothing of drover is left in the database.'
      : `To do it: drover uninstall --confirm ${shellWord(database)}${further}`,
  ].join('\n')
}
