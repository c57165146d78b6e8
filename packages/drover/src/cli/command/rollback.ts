import { type Command, InvalidArgumentError } from 'commander'
import { rollbackHazards } from '../../codes/hazards.ts'
import type { Decision } from '../../ledger/rollback.ts'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption } from '../database.ts'
import { exitCodes } from '../exit.ts'
import { collect, collectOf, runNumber, wholeNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { renderJsonValue, writeResult } from '../result.ts'

/** The flags of `drover rollback`. */
export interface RollbackFlags extends DatabaseFlags {
  readonly run?: string
  readonly workers?: number
  readonly onConflict?: Readonly<Record<string, Decision>>
  readonly allow?: readonly string[]
  readonly discarded?: string
  readonly json?: true
}

/** `drover rollback`: takes a run back. */
export function defineRollback(command: Command, io: Io): void {
  command
    .description(
      'Takes back what a run has done, wherever it stands: removes the rows that it loaded, newest step first, puts back those that it changed, sets sequences, triggers and blocks back, and compares all tables and their definitions with the start. What others have changed or added since is listed, and nothing is touched before it is decided.',
    )
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--run <number>', 'the run to take back (default: the newest)', runNumber)
    .option(
      '--on-conflict <decision>',
      'keep or discard rows that others changed or added since, of all tables or, as public.users=keep, of one; repeatable (default: stop and list them)',
      collectDecisions,
    )
    .option(
      '--allow <hazard>',
      'restore-fires-triggers, where the role cannot keep triggers from firing',
      collectOf(Object.keys(rollbackHazards)),
    )
    .option('--workers <number>', 'chunks that are taken back at a time (default: 2)', wholeNumber)
    .option('--discarded <file>', 'write the rows that were discarded to a file, too, a JSON object a line')
    .option('--json', 'the outcome as JSON; counts are text')
    .addHelpText(
      'after',
      `
Ctrl-C stops after the chunks under way, and so does a crash: the same command goes on from there.
Rows that are discarded are kept in drover.discarded_row.

Exit codes: 0 everything is as it was, but for what the output names, 1 it could not be done, or rows are to be decided
about, 2 the call was wrong, 4 something differs from the start, and nobody else has written to it, 130 interrupted.

Examples:
  $ drover rollback
  $ drover rollback --run 7 --on-conflict discard --on-conflict public.visits=keep --discarded rows.ndjson`,
    )
    .action(async (flags: RollbackFlags) => {
      const { carryOutRollback } = await import('../carry-out-rollback.ts')
      const { renderRollback } = await import('../rollback-text.ts')
      const outcome = await carryOutRollback(flags, io)
      await writeResult(io, flags.json ? renderJsonValue(outcome) : renderRollback(outcome), undefined)
      if (outcome.state === 'rolling_back') io.finish(exitCodes.interrupted)
      else io.finish(outcome.verdict === 'fail' ? exitCodes.verificationFailed : exitCodes.done)
    })
}

/** `keep`, `discard`, or `schema.table=keep`; several with commas. */
export function collectDecisions(
  value: string,
  before: Readonly<Record<string, Decision>> = {},
): Readonly<Record<string, Decision>> {
  const words = collect(value, [])
  const decisions = (words.length === 0 ? [value] : words).map((each): readonly [string, Decision] => {
    const [, table = '*', decision] = /^(?:(.+\..+)=)?(keep|discard)$/.exec(each) ?? []
    if (decision !== 'keep' && decision !== 'discard') {
      throw new InvalidArgumentError('It must be keep or discard, alone or as schema.table=keep.')
    }
    return [table, decision]
  })
  return { ...before, ...Object.fromEntries(decisions) }
}
