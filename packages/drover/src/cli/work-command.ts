import type { Command } from 'commander'
import { defaultWorkers } from '../run/worker.ts'
import type { Work, WorkFlags } from './carry-out.ts'
import { configOption } from './config-file.ts'
import { databaseOption } from './database.ts'
import { secondsAsMs, wholeNumber } from './flags.ts'
import type { Io } from './io.ts'

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
    .option(
      '--async-commit',
      'confirm chunks before they are on the disk: a crash of the server loses the last ones whole, and they are done again (default: each waits for the disk)',
    )
    .option('--no-async-commit', 'let each chunk wait for the disk, where the settings say otherwise')
    .option('--json', 'progress as JSON lines on stderr, the result as JSON on stdout; counts are text')
}

/** Works, and turns what comes of it into an exit code. */
export async function finishWork(io: Io, flags: WorkFlags, prepare: () => Promise<Work>): Promise<void> {
  // Most of the program: help and wrong flags do not wait for it.
  const { carryOut } = await import('./carry-out.ts')
  io.finish(await carryOut(await prepare(), flags, io))
}
