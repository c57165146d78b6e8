import type { Command } from 'commander'
import { findMerged, type MergeGroup, readMergeGroup } from '../../../repair/merge-group.ts'
import { selectionWords } from '../../../report/selection-words.ts'
import { shellWord } from '../../../report/shell-word.ts'
import type { Io } from '../../io.ts'
import { renderMergeGroup } from '../../merges-text.ts'
import { type RunFlags, readOfRun, withDatabase } from '../../named-run.ts'
import { renderJsonValue, writeResult } from '../../result.ts'
import { withRunFlags } from '../../selection-flags.ts'

interface ShowFlags extends RunFlags {
  readonly mapping?: string
  readonly showValues?: true
  readonly json?: true
}

/** `drover merges show`: what was merged with a row. */
export function defineShow(command: Command, io: Io): void {
  withRunFlags(
    command
      .description(
        'Shows the rows that are one with a row: the survivor, the keys of the others, and the source columns in which they differ, read as they stand today. Values are masked: every letter is a, every digit 9.',
      )
      .argument('<key>', 'the source key of the survivor or of a merged row'),
  )
    .option('--show-values', 'values as they are, but those of columns that the migration calls personal')
    .option('--json', 'as JSON; counts are text')
    .addHelpText(
      'after',
      `
Examples:
  $ drover merges show c2
  $ drover merges show c2 --run 7 --mapping clinics --show-values`,
    )
    .action((key: string, flags: ShowFlags) =>
      withDatabase(flags, io, async (db) => {
        const { mapping, showValues = false } = flags
        const { run, groups } = await readOfRun(db, flags, async (tx, found) => {
          const read: MergeGroup[] = []
          for (const row of await findMerged(tx, found, { mapping, key })) {
            read.push(await readMergeGroup(tx, found, row, { showsValues: showValues }))
          }
          return { run: found, groups: read }
        })
        await writeResult(
          io,
          flags.json ? renderJsonValue({ groups }) : groups.map(renderMergeGroup).join('\n\n'),
          undefined,
        )
        const [first] = groups
        if (flags.json || first === undefined) return
        const merged = first.merged.includes(key) ? key : first.merged[0]!
        const words = selectionWords(run, { mapping: first.mapping })
        io.stderr.write(`If one is none of them: drover unmerge ${shellWord(merged)} ${words}\n`)
      }),
    )
}
