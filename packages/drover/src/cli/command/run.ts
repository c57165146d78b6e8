import { type Command, InvalidArgumentError, Option } from 'commander'
import { DroverError } from '../../error.ts'
import type { QuarantineLimit } from '../../ledger/run.ts'
import { hazardNames } from '../../plan/plan.ts'
import type { WorkFlags } from '../carry-out.ts'
import { workExitsHelp } from '../exit.ts'
import { collect, quarantineLimit, wholeNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { distributeOption, type SourceFlags, sourceDefaults, sourceOption, withRenames } from '../source.ts'
import { finishWork, withWorkFlags } from '../work-command.ts'

/** The flags of `drover run`. */
export interface RunFlags extends WorkFlags, SourceFlags {
  readonly plan?: string
  readonly chunkRows?: number
  readonly maxQuarantined?: QuarantineLimit
  readonly allow?: readonly string[]
}

/** `drover run`: carries a plan out, or takes up where it was left. */
export function defineRun(command: Command, io: Io): void {
  withRenames(
    withWorkFlags(
      command
        .description(
          'Carries out a migration in chunks, each of them whole or not at all. Given again, it resumes: after a pause, a failure or a crash. Where another process is at it, it helps; where everything is loaded already it changes nothing and says so.',
        )
        .argument('[migration]', 'the migration file')
        .option(
          '--plan <file>',
          'a plan written by drover plan --json, to be carried out as it stands; with the migration file too where the plan calls functions of it',
        )
        .option(
          '--chunk-rows <number>',
          'source rows that one chunk takes (default: as many as take about a second)',
          wholeNumber,
        )
        .option(
          '--max-quarantined <rows>',
          'rows of a mapping that the database may refuse before the run stops, as a number or as a percentage such as 0.5% (default: 100)',
          quarantineLimit,
        )
        .addOption(
          new Option('--allow <hazard>', 'a hazard that the plan shows; repeatable (default: none)')
            .choices(hazardNames)
            .argParser(collectHazards),
        ),
    )
      .addOption(sourceOption(sourceDefaults))
      .addOption(distributeOption()),
  )
    .addHelpText(
      'after',
      `
Where --source-url names another database, the tables of it that the migration reads land first, as with drover land.

Ctrl-C pauses after the chunks under way; a second one stops at once. Neither loses or repeats a row.

drover.config.ts may set the database, workers, chunk seconds, time-outs, rows refused, and the limits at which a run
holds itself back; flags and environment go first. drover config shows what holds.

${workExitsHelp}

Examples:
  $ drover run migration.ts --allow merges-rows --allow fires-triggers
  $ drover run --plan plan.json --workers 8 --chunk-rows 20000 --json`,
    )
    .action(async (file: string | undefined, flags: RunFlags) => {
      if (file === undefined && flags.plan === undefined) {
        throw new DroverError('usage-invalid', 'A run needs a migration file or a plan.', {
          remedy: 'Give drover run migration.ts, or drover run --plan plan.json.',
        })
      }
      await finishWork(io, flags, async () => (await import('../begin-run.ts')).runWork(file, flags, io))
    })
}

function collectHazards(value: string, before: readonly string[] | undefined): readonly string[] {
  const hazards = collect(value, before)
  const unknown = hazards.find((hazard) => !hazardNames.some((name) => name === hazard))
  if (unknown === undefined) return hazards
  throw new InvalidArgumentError(`There is no hazard ${unknown}; drover plan shows those of a plan.`)
}
