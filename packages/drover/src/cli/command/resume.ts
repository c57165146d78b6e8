import type { Command } from 'commander'
import type { QuarantineLimit } from '../../ledger/run.ts'
import type { StoredFlags } from '../begin-stored.ts'
import { workExitsHelp } from '../exit.ts'
import { quarantineLimit, runNumber, wholeNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { finishWork, withWorkFlags } from '../work-command.ts'

interface ResumeFlags extends StoredFlags {
  readonly chunkRows?: number
  readonly maxQuarantined?: QuarantineLimit
}

/** `drover resume`: takes up a run that has stopped. */
export function defineResume(command: Command, io: Io): void {
  withWorkFlags(
    command
      .description(
        'Takes up a run that was paused, has failed, or has lost its workers, and works on it until it is loaded. The plan is stored with the run: the migration file is needed only where the plan calls functions of it.',
      )
      .argument('[migration]', 'the migration file, where the plan runs JavaScript')
      .option('--run <number>', 'the run to take up (default: the newest)', runNumber)
      .option('--chunk-rows <number>', 'source rows that one chunk takes from now on', wholeNumber)
      .option(
        '--max-quarantined <rows>',
        'rows of a mapping that the database may refuse, from now on, as a number or a percentage',
        quarantineLimit,
      ),
  )
    .addHelpText(
      'after',
      `
${workExitsHelp}

Examples:
  $ drover resume
  $ drover resume --run 7 --max-quarantined 2%`,
    )
    .action((file: string | undefined, flags: ResumeFlags) =>
      finishWork(io, flags, async () => {
        const { resumeWork } = await import('../begin-stored.ts')
        const { chunkRows, maxQuarantined } = flags
        return resumeWork(file, flags, {
          ...(chunkRows === undefined ? {} : { rowsPerChunk: chunkRows }),
          ...(maxQuarantined === undefined ? {} : { maxQuarantined }),
        })
      }),
    )
}
