import type { Command } from 'commander'
import { verify } from '../../verify/verify.ts'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption, openNamed } from '../database.ts'
import { exitCodes } from '../exit.ts'
import { runNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { findNamedRun } from '../named-run.ts'
import { renderJsonValue, writeResult } from '../result.ts'
import { renderVerification } from '../verification-text.ts'

interface VerifyFlags extends DatabaseFlags {
  readonly run?: string
  readonly json?: true
}

/** `drover verify`: whether a loaded run holds what it should. */
export function defineVerify(command: Command, io: Io): void {
  command
    .description(
      'Checks a loaded run on all rows: that every source row has one disposition, and that the target holds what the run loaded. Reads the tables, and writes its findings into the ledger.',
    )
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--run <number>', 'the run to verify (default: the newest)', runNumber)
    .option('--json', 'every finding as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 every check passed or warned, 1 it could not be done, 2 the call was wrong, 4 a check failed.

Examples:
  $ drover verify
  $ drover verify --run 7 --json`,
    )
    .action(async (flags: VerifyFlags) => {
      const db = await openNamed(flags, io)
      try {
        const verification = await verify(db, await findNamedRun(db, flags))
        const text = flags.json ? renderJsonValue(verification) : renderVerification(verification)
        await writeResult(io, text, undefined)
        io.finish(verification.verdict === 'fail' ? exitCodes.verificationFailed : exitCodes.done)
      } finally {
        await db.close()
      }
    })
}
