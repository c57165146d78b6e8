import type { Command } from 'commander'
import { errorCodes } from '../error.ts'
import { defaultWorkers } from '../run/worker.ts'
import type { Work, WorkFlags } from './carry-out.ts'
import { configOption } from './config-file.ts'
import { databaseOption } from './database.ts'
import { expected } from './failure.ts'
import { secondsAsMs, wholeNumber } from './flags.ts'
import type { Io } from './io.ts'
import { renderErrorEvent } from './run-result.ts'

/** Gives a command the flags of those that work on a run. */
export function withWorkFlags(command: Command): Command {
  return command
    .addOption(databaseOption())
    .addOption(configOption())
    .option(
      '--workers <number>',
      `chunks that are carried out at the same time (default: ${defaultWorkers})`,
      wholeNumber,
    )
    .option(
      '--chunk-seconds <seconds>',
      'how long a chunk should take, where --chunk-rows does not fix its size (default: 1)',
      secondsAsMs,
    )
    .option(
      '--reconnect <seconds>',
      'how long to wait for a server that restarts or is out of reach (default: 300)',
      secondsAsMs,
    )
    .option('--json', 'progress as JSON lines on stderr, the result as JSON on stdout; counts are text')
}

/** Works, and turns what comes of it into an exit code; with `--json` an error is an event on stderr. */
export async function finishWork(io: Io, flags: WorkFlags, prepare: () => Promise<Work>): Promise<void> {
  try {
    // Most of the program: help and wrong flags do not wait for it.
    const { carryOut } = await import('./carry-out.ts')
    io.finish(await carryOut(await prepare(), flags, io))
  } catch (thrown) {
    const error = flags.json && expected(thrown)
    if (error) io.stderr.write(`${renderErrorEvent(error)}\n`)
    else throw thrown
    io.finish(errorCodes[error.code].exit)
  }
}
