import { type Command, InvalidArgumentError } from 'commander'
import { defaultLandingWorkers } from '../../landing/defaults.ts'
import type { FileToLand } from '../../landing/file/land-file.ts'
import { parseName } from '../../sql/nodes.ts'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption } from '../database.ts'
import { collect, wholeNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { distributeOption, type SourceFlags, sourceDefaults, sourceOption, withRenames } from '../source.ts'

/** The flags of `drover land`. */
export interface LandFlags extends DatabaseFlags, SourceFlags {
  readonly schema?: readonly string[]
  readonly table?: readonly string[]
  readonly file?: readonly FileToLand[]
  readonly frozen?: true
  readonly digest: boolean
  readonly workers?: number
  readonly status?: true
  readonly drop?: true
  readonly json?: true
}

/** `drover land`: tables of another server, and files, into the target database. */
export function defineLand(command: Command, io: Io): void {
  withRenames(
    command
      .description(
        'Carries tables of another server into the target database, as they are, under one snapshot, and proves that both sides hold the same; so do files. A migration then reads them there. Given again, it goes on. Only reads at the source.',
      )
      .addOption(databaseOption())
      .addOption(sourceOption(sourceDefaults))
      .addOption(configOption())
      .option('--schema <names>', "schemas of the source (default: all of the application's)", collect)
      .option('--table <names>', 'tables, views or partitioned tables of the source, as schema.name', collectTables),
  )
    .option(
      '--file <schema.table=file>',
      'a CSV file with a header, or a .jsonl file with an object a line: a table of texts; repeatable',
      collectFiles,
    )
    .addOption(distributeOption())
    .option(
      '--frozen',
      'nothing writes to the source: what had landed before a loss of the snapshot, or an interruption, stays',
    )
    .option('--no-digest', 'count both sides, and do not compare a digest of every row')
    .option(
      '--workers <number>',
      `parts of tables that are carried over at the same time (default: ${defaultLandingWorkers})`,
      wholeNumber,
    )
    .option('--status', 'show what has landed, and do nothing')
    .option('--drop', 'drop what has landed: the tables that --schema and --table name in the target, else all')
    .option('--json', 'progress as JSON lines on stderr, the result as JSON on stdout; counts are text')
    .addHelpText(
      'after',
      `
Tables keep schema and name, but for what --as says. They come with columns and unique keys; without foreign keys,
defaults, triggers and policies, and nobody but their owner may read them.

Exit codes: 0 done, 1 failed, 2 the call was wrong, 130 interrupted.

Examples:
  $ drover land --source-url postgresql://app@old-host/app --schema public --as public=legacy
  $ drover land --file legacy.clinics=clinics.csv --file legacy.visits=visits.jsonl`,
    )
    .action(async (flags: LandFlags) => {
      // The planner is not needed; the rest does not keep help and wrong flags waiting.
      const { carryOutLanding } = await import('../carry-out-landing.ts')
      await carryOutLanding(flags, io)
    })
}

function collectTables(value: string, before: readonly string[] | undefined): readonly string[] {
  const tables = collect(value, before)
  if (tables.every((table) => /^[^.]+\..+$/.test(table))) return tables
  throw new InvalidArgumentError('Write a table as schema.name.')
}

function collectFiles(value: string, before: readonly FileToLand[] | undefined): readonly FileToLand[] {
  const [, table, path] = /^([^.=]+\.[^=]+)=(.+)$/.exec(value) ?? []
  const [, ending] = /\.(csv|jsonl|ndjson)$/i.exec(path ?? '') ?? []
  if (table === undefined || path === undefined || ending === undefined) {
    throw new InvalidArgumentError('Write it as legacy.clinics=clinics.csv, or with a .jsonl file.')
  }
  const kind = ending.toLowerCase() === 'csv' ? 'csv' : 'jsonl'
  return [...(before ?? []), { target: parseName(table), path, kind }]
}
