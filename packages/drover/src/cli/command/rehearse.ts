import { type Command, InvalidArgumentError, Option } from 'commander'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption } from '../database.ts'
import { exitCodes } from '../exit.ts'
import { wholeNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { requireMigrationFile } from '../load-migration.ts'
import { renderJsonValue, writeResult } from '../result.ts'

/** The flags of `drover rehearse`. */
export interface RehearseFlags extends DatabaseFlags {
  readonly sample?: number
  readonly all?: true
  readonly wholeUpTo?: number
  readonly scratchDatabaseUrl?: string
  readonly workers?: number
  readonly json?: true
  readonly out?: string
}

/** `drover rehearse`: everything on a sample, the way back included. */
export function defineRehearse(command: Command, io: Io): void {
  command
    .description(
      'Does all that the migration is to do with a sample of the rows in a scratch database: check, run, verify, roll back, compare every table with the start, run again. Then says what a run with all rows would set aside, and what it would take. The real database is only read, but for the result, which its ledger keeps for the plan: drover run asks for it.',
    )
    .argument('<migration>', 'the migration file')
    .addOption(databaseOption())
    .addOption(configOption())
    .addOption(
      new Option(
        '--sample <percent>',
        'the part of the rows that is drawn of large tables, with all that they refer to',
      )
        .argParser(percent)
        .default(0.01, '1%')
        .conflicts('all'),
    )
    .option('--all', 'take all rows')
    .option('--whole-up-to <rows>', 'take tables of at most so many rows as they are (default: 20000)', wholeNumber)
    .option(
      '--scratch-database-url <url>',
      'an empty database, made for this (default: an embedded PostgreSQL, removed afterwards)',
    )
    .option('--workers <number>', 'workers of the run, the verification and the rollback (default: 2)', wholeNumber)
    .option('--json', 'the result as JSON')
    .option('--out <file>', 'where to write (default: stdout)')
    .addHelpText(
      'after',
      `
The sample holds rows as they are, secrets included: the scratch database deserves the same care as the real one.

Exit codes: 0 every stage has passed, 1 it could not be done, 2 the call was wrong, 4 a stage has failed, 130 interrupted.

Examples:
  $ drover rehearse migration.ts
  $ drover rehearse migration.ts --sample 10% --scratch-database-url postgresql://localhost/rehearsal`,
    )
    .action(async (file: string, flags: RehearseFlags) => {
      await requireMigrationFile(file)
      const { carryOutRehearsal } = await import('../carry-out-rehearsal.ts')
      const { renderRehearsal } = await import('../rehearsal-text.ts')
      const result = await carryOutRehearsal(file, flags, io)
      await writeResult(io, flags.json ? renderJsonValue(result) : renderRehearsal(result), flags.out)
      io.finish(result.verdict === 'pass' ? exitCodes.done : exitCodes.verificationFailed)
    })
}

/** `1%` as 0.01. */
function percent(value: string): number {
  const part = Number(value.replace(/%$/, '')) / 100
  if (/^\d+(\.\d+)?%$/.test(value) && part > 0 && part <= 1) return part
  throw new InvalidArgumentError('It must be a percentage above 0 and up to 100%, such as 1%.')
}
