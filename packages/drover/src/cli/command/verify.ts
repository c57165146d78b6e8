import type { Command } from 'commander'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption } from '../database.ts'
import { exitCodes } from '../exit.ts'
import { runNumber, wholeNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { requireMigrationFile } from '../load-migration.ts'
import { renderJsonValue, writeResult } from '../result.ts'

/** The flags of `drover verify`, as they were given. */
export interface VerifyFlags extends DatabaseFlags {
  readonly run?: string
  readonly workers?: number
  readonly afterCutover?: true
  readonly tryWrites?: true
  readonly restart?: true
  readonly json?: true
  readonly junit?: string
}

/** `drover verify`: whether a loaded run holds what it should. */
export function defineVerify(command: Command, io: Io): void {
  command
    .description(
      'Checks a loaded run on all rows: that every source row has one disposition, that the target holds what its transform makes of the source, that constraints, indexes, triggers and policies are as they were, and what else the migration says must hold. Only reads; its findings are written into the ledger.',
    )
    .argument('[migration]', "the migration file, where it asks with the application's own client")
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--run <number>', 'the run to verify (default: the newest)', runNumber)
    .option('--workers <number>', 'questions that are asked at the same time (default: 2)', wholeNumber)
    .option(
      '--after-cutover',
      'the application has written to the target since: what it changed, added or deleted warns, and does not fail',
    )
    .option(
      '--try-writes',
      'try the writes that the migration says must not succeed, in transactions that are rolled back; for test data',
    )
    .option('--restart', 'begin anew, also where an earlier verification was interrupted')
    .option('--json', 'every finding as JSON')
    .option('--junit <file>', "write the findings as JUnit's XML, too")
    .addHelpText(
      'after',
      `
Ctrl-C keeps what was checked: the same command goes on from there, as long as nothing was done to the run.

Exit codes: 0 no check failed, 1 it could not be done, 2 the call was wrong, 4 a check failed, 130 interrupted.

Examples:
  $ drover verify migration.ts --junit verify.xml
  $ drover verify --run 7 --after-cutover`,
    )
    .action(async (file: string | undefined, flags: VerifyFlags) => {
      if (file !== undefined) await requireMigrationFile(file)
      const { carryOutVerification } = await import('../carry-out-verification.ts')
      const { renderVerification } = await import('../verification-text.ts')
      const { renderJunit } = await import('../../report/render-junit.ts')
      const { verification, migration } = await carryOutVerification(file, flags, io)
      const { runId } = verification
      if (flags.junit !== undefined) {
        await writeResult(io, renderJunit({ name: `run ${runId} of ${migration}`, ...verification }), flags.junit)
      }
      await writeResult(io, flags.json ? renderJsonValue(verification) : renderVerification(verification), undefined)
      io.finish(verification.verdict === 'fail' ? exitCodes.verificationFailed : exitCodes.done)
    })
}
