import { type Command, InvalidArgumentError, Option } from 'commander'
import { type BlockingKind, blockingKinds } from '../../../duplicates/blocking.ts'
import { defaultMaxPairs, defaultThreshold } from '../../../duplicates/suggestion.ts'
import { configOption } from '../../config-file.ts'
import { type DatabaseFlags, databaseOption, openNamed } from '../../database.ts'
import { collect, wholeNumber } from '../../flags.ts'
import type { Io } from '../../io.ts'
import { loadMigration, requireMigrationFile } from '../../load-migration.ts'
import { renderJsonLine, renderJsonValue, writeResult } from '../../result.ts'

interface SuggestFlags extends DatabaseFlags {
  readonly mapping: string
  readonly columns?: readonly string[]
  readonly keys?: readonly BlockingKind[]
  readonly threshold: number
  readonly maxPairs: number
  readonly limit: number
  readonly identity?: true
  readonly showValues?: true
  readonly outPairs?: string
  readonly json?: true
}

/** `drover duplicates suggest`: rows that may be the same but for how they are written. */
export function defineSuggest(command: Command, io: Io): void {
  command
    .description(
      'Looks among the source rows of a mapping for some that may be one and the same thing: typing errors, swapped or missing letters, accents, words in another order. Reads all rows, changes nothing, and decides nothing: whether they are the same, you say in the migration.',
    )
    .argument('<migration>', 'the migration file')
    .requiredOption('--mapping <name>', 'the mapping whose source rows are compared')
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--columns <names>', 'the columns to compare (default: the texts that tell most)', collect)
    .addOption(
      new Option('--keys <kinds>', 'how rows are brought together; several with commas (default: all)')
        .choices(blockingKinds)
        .argParser(keyKinds),
    )
    .option('--threshold <score>', 'how alike rows must be, from 0 to 1', score, defaultThreshold)
    .option('--max-pairs <number>', 'pairs that are compared at most', wholeNumber, defaultMaxPairs)
    .option('--limit <number>', 'clusters that are shown', wholeNumber, 20)
    .option('--identity', 'look also for an identity that would merge the same rows')
    .option('--show-values', 'values as they are, but those of columns that the migration calls personal')
    .option('--out-pairs <file>', 'write the pairs of keys that make the clusters, for sameAs()')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Values are masked: every letter is a, every digit 9. Columns that the migration keeps secret are not compared.

Examples:
  $ drover duplicates suggest migration.ts --mapping customers --columns name,city,email
  $ drover duplicates suggest migration.ts --mapping customers --threshold 0.9 --out-pairs pairs.json`,
    )
    .action(async (file: string, flags: SuggestFlags) => {
      await requireMigrationFile(file)
      const db = await openNamed(flags, io)
      try {
        // The planner is half of the program: help and wrong flags do not wait for it.
        const { subjectOfMapping } = await import('../../../duplicates/subject.ts')
        const { suggestDuplicates } = await import('../../../duplicates/suggest.ts')
        const { renderSuggestion } = await import('../../suggestion-text.ts')
        const { readSchemas } = await import('../../read-schemas.ts')
        const { schemasOf } = await import('../../schemas.ts')
        const migration = await loadMigration(file)
        const subject = subjectOfMapping(migration, flags.mapping, await readSchemas(db, schemasOf(migration)))
        const { holdingPairs, ...suggestion } = await suggestDuplicates(db, subject, {
          ...flags,
          showsValues: flags.showValues === true,
          findsIdentity: flags.identity === true,
          onProgress: (sentence) => {
            if (!flags.json) io.stderr.write(`${sentence}\n`)
          },
        })
        await writeResult(io, flags.json ? renderJsonValue(suggestion) : renderSuggestion(suggestion), undefined)
        if (flags.outPairs !== undefined) await writeResult(io, renderPairs(holdingPairs), flags.outPairs)
        else if (!flags.json && holdingPairs.length > 0) {
          io.stderr.write('To decide pair by pair: add --out-pairs pairs.json, and read the file in sameAs().\n')
        }
      } finally {
        await db.close()
      }
    })
}

/** A JSON array with a line for each pair, so that one can be taken out. */
function renderPairs(pairs: readonly (readonly [string, string])[]): string {
  return pairs.length === 0 ? '[]' : `[\n${pairs.map((pair) => `  ${renderJsonLine(pair)}`).join(',\n')}\n]`
}

function score(value: string): number {
  const number = Number(value)
  if (/^\d*\.?\d+$/.test(value) && number > 0 && number <= 1) return number
  throw new InvalidArgumentError('It must be a number above 0, at most 1, such as 0.85.')
}

function keyKinds(value: string, before: readonly BlockingKind[] | undefined): readonly BlockingKind[] {
  const words = collect(value, before)
  const unknown = words.filter((word) => !blockingKinds.includes(word as BlockingKind))
  if (unknown.length === 0 && words.length > 0) return words as readonly BlockingKind[]
  throw new InvalidArgumentError(`Allowed are ${blockingKinds.join(', ')}.`)
}
