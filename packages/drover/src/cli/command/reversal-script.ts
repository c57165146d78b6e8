import type { Command } from 'commander'
import { rollbackHazards } from '../../codes/hazards.ts'
import type { Decision } from '../../ledger/rollback.ts'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption } from '../database.ts'
import { collectOf, runNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { readOfRun, withDatabase } from '../named-run.ts'
import { writeResult } from '../result.ts'
import { collectDecisions } from './rollback.ts'

interface ReversalScriptFlags extends DatabaseFlags {
  readonly run?: string
  readonly oneTransaction?: true
  readonly onConflict?: Readonly<Record<string, Decision>>
  readonly allow?: readonly string[]
  readonly out?: string
}

/** `drover reversal-script`: a rollback as SQL. */
export function defineReversalScript(command: Command, io: Io): void {
  command
    .description(
      'Writes one SQL file that takes a run back as drover rollback does, without drover: the same statements, the same checks for what others have changed, the same comparison with the start. It can be made as soon as the run has begun, and what the run does afterwards is taken back, too. Nothing is changed by making it.',
    )
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--run <number>', 'the run to take back (default: the newest)', runNumber)
    .option('--one-transaction', 'all of it or nothing (default: in chunks, so that it can be stopped and goes on)')
    .option(
      '--on-conflict <decision>',
      'keep or discard rows that others changed or added since, of all tables or, as public.users=keep, of one; repeatable; the file says where it can be changed (default: stop and list them)',
      collectDecisions,
    )
    .option(
      '--allow <hazard>',
      'restore-fires-triggers, where the role cannot keep triggers from firing',
      collectOf(Object.keys(rollbackHazards)),
    )
    .option('--out <file>', 'where to write (default: stdout)')
    .addHelpText(
      'after',
      `
The file holds no rows. Foreign keys that are made after it end it: make it anew.

Examples:
  $ drover reversal-script --out back.sql
  $ drover reversal-script --run 7 --one-transaction --on-conflict discard --out back.sql
  $ psql -X -v ON_ERROR_STOP=1 -f back.sql "$DATABASE_URL"`,
    )
    .action(async (flags: ReversalScriptFlags) => {
      const { readScriptWay } = await import('../../rollback/script/way.ts')
      const { renderReversalScript } = await import('../../rollback/script/script.ts')
      const { oneTransaction, onConflict, allow, out } = flags
      const way = await withDatabase(flags, io, (db) => readOfRun(db, flags, readScriptWay))
      const script = renderReversalScript(way, {
        mode: oneTransaction ? 'one transaction' : 'chunks',
        ...(onConflict === undefined ? {} : { onConflict }),
        ...(allow === undefined ? {} : { allowed: allow }),
      })
      await writeResult(io, script, out)
    })
}
