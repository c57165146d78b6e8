import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Database } from '../db/connection.ts'
import type { Renames } from '../landing/selection.ts'
import type { ReadConfig } from './config-file.ts'
import { type ConnectionSettings, urlOf } from './database.ts'
import { collect } from './flags.ts'

/** The flags of commands that read another server. */
export interface SourceFlags {
  readonly sourceUrl?: string
  readonly as?: Renames
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

/** Opens the source, for as many workers, with what the settings say of connections. */
export async function openSource(url: string, workers: number, settings: ConnectionSettings = {}): Promise<Database> {
  // Help and wrong flags do not wait for the driver.
  const { openDatabase } = await import('../db/pg.ts')
  return openDatabase(url, { ...settings, connections: workers + 1, applicationName: 'drover land' })
}

function readRenames(value: string, before: Renames | undefined): Renames {
  const pairs = collect(value, undefined).map((pair) => {
    const [, from, to] = /^([^=]+)=([^=]+)$/.exec(pair) ?? []
    if (from === undefined || to === undefined) throw new InvalidArgumentError('Write it as public=legacy.')
    return [from, to] as const
  })
  return new Map([...(before ?? []), ...pairs])
}
