import type { Command } from 'commander'
import type { StoredFlags } from '../begin-stored.ts'
import { workExitsHelp } from '../exit.ts'
import { runNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { finishWork, withWorkFlags } from '../work-command.ts'

/** `drover worker`: helps with a run, from any machine that reaches the database. */
export function defineWorker(command: Command, io: Io): void {
  withWorkFlags(
    command
      .description(
        'Helps with a run that is running, from any machine that reaches the database. Any number of processes may; none of them is needed by the others. The plan is stored with the run: the migration file is needed only where the plan calls functions of it.',
      )
      .argument('[migration]', 'the migration file, where the plan runs JavaScript')
      .option('--run <number>', 'the run to help with (default: the newest)', runNumber),
  )
    .addHelpText(
      'after',
      `
Ctrl-C ends the help of this process after the chunks under way; drover pause stops the run.

${workExitsHelp}

Examples:
  $ drover worker --run 7 --workers 4
  $ drover worker migration.ts --run 7`,
    )
    .action((file: string | undefined, flags: StoredFlags) =>
      finishWork(io, flags, async () => {
        const { helpWork } = await import('../begin-stored.ts')
        return helpWork(file, flags)
      }),
    )
}
