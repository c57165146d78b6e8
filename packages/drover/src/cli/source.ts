import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Database } from '../db/connection.ts'
import type { Distributions, Renames } from '../landing/selection.ts'
import type { ReadConfig } from './config-file.ts'
import { type ConnectionSettings, urlOf } from './database.ts'
import { collect } from './flags.ts'

/** The flags of commands that read another server. */
export interface SourceFlags {
  readonly sourceUrl?: string
  readonly as?: Renames
  readonly distribute?: Distributions
}

/** `--source-url`; `orElse`: what holds where it is not given. */
export function sourceOption(orElse: string): Option {
  return new Option(
    '--source-url <url>',
    `the database that is the source, where it is another one than the target, as postgresql://user:password@host:5432/database (default: ${orElse})`,
  )
}

/** Where the source is named beside the flag. */
export const sourceDefaults = 'DROVER_SOURCE_URL, else sourceUrl of the config file'

/** Adds `--as`. */
export function withRenames(command: Command): Command {
  return command.option(
    '--as <old=new>',
    'a schema of the source that has another name in the target, such as public=legacy; repeatable',
    readRenames,
  )
}

/**
 * The connection string of the source from the flag, else the settings; undefined where there is none.
 *
 * @throws DroverError `usage-invalid`, as `databaseUrl`.
 */
export function sourceUrl(flags: SourceFlags, config: ReadConfig): string | undefined {
  return urlOf('sourceUrl', flags.sourceUrl, config)
}

/** The schemas that land under other names, by flag, else by the settings. */
export function renames(flags: SourceFlags, { settings }: ReadConfig): Renames {
  return flags.as ?? new Map(Object.entries(settings.landAs ?? {}))
}

/** Which tables land spread over nodes, by the settings. */
export function distributions({ settings }: ReadConfig): Distributions {
  return new Map(Object.entries(settings.landDistributed ?? {}))
}

/** Opens the source, for as many workers, with what the settings say of connections. */
export async function openSource(url: string, workers: number, settings: ConnectionSettings = {}): Promise<Database> {
  // Help and wrong flags do not wait for the driver.
  const { openDatabase } = await import('../db/pg.ts')
  return openDatabase(url, { ...settings, connections: workers + 1, applicationName: 'drover land' })
}

const readRenames = pairsReader(/^([^=]+)=([^=]+)$/, 'public=legacy')

/** `--distribute`. */
export function distributeOption(): Option {
  return new Option(
    '--distribute <schema.table=column>',
    'a table that lands spread over the nodes of a cluster (Citus), by this column; repeatable (default: landDistributed of the settings, else all land on the coordinator)',
  ).argParser(readDistributions)
}

const readDistributions = pairsReader(/^([^.=]+\.[^=]+)=([^=]+)$/, 'legacy.visits=clinic_id')

/** Reads a repeatable flag of pairs, which may also stand behind one another with commas. */
function pairsReader(form: RegExp, example: string) {
  return (value: string, before: ReadonlyMap<string, string> | undefined): ReadonlyMap<string, string> => {
    const pairs = collect(value, undefined).map((pair) => {
      const [, from, to] = form.exec(pair) ?? []
      if (from === undefined || to === undefined) throw new InvalidArgumentError(`Write it as ${example}.`)
      return [from, to] as const
    })
    return new Map([...(before ?? []), ...pairs])
  }
}
