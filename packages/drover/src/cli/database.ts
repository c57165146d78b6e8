import { Option } from 'commander'
import type { Database } from '../db/connection.ts'
import { requireConnectionString } from '../db/connection-string.ts'
import type { OpenOptions } from '../db/pg.ts'
import { DroverError } from '../error.ts'
import { type ConfigFlags, type ReadConfig, readConfig } from './config-file.ts'
import type { Io } from './io.ts'

/** The flags of every command that works in a database. */
export interface DatabaseFlags extends ConfigFlags {
  readonly databaseUrl?: string
}

/** The flag of every command that needs a database. */
export function databaseOption(): Option {
  return new Option(
    '--database-url <url>',
    'the target database, as postgresql://user:password@host:5432/database (default: DROVER_DATABASE_URL, else DATABASE_URL, else that of the config file)',
  )
}

/** Opens the database that the flag, the environment or the config file names. */
export async function openNamed(flags: DatabaseFlags, io: Io, options?: OpenOptions): Promise<Database> {
  const config = await readConfig(flags, io.env)
  const url = databaseUrl(flags, config)
  // Help and wrong flags do not wait for the driver.
  const { openDatabase } = await import('../db/pg.ts')
  return openDatabase(url, { ...connectionSettings(config), ...options })
}

/** What the settings say of every connection. */
export type ConnectionSettings = Pick<OpenOptions, 'silenceMs'>

/** What the configuration says of connections, in the form in which they are opened. */
export function connectionSettings({ settings }: ReadConfig): ConnectionSettings {
  const { silenceMs } = settings.limits ?? {}
  return silenceMs === undefined ? {} : { silenceMs }
}

/**
 * The connection string from the flag, else the settings.
 *
 * @throws DroverError `usage-invalid` where there is none, or one that no server can be found by. What it says never
 * holds any of the string: it may be the password that is written wrongly.
 */
export function databaseUrl(flags: DatabaseFlags, config: ReadConfig): string {
  const url = urlOf('databaseUrl', flags.databaseUrl, config)
  if (url !== undefined) return url
  throw new DroverError('usage-invalid', 'No database is named.', {
    remedy:
      'Give --database-url postgresql://user:password@host:5432/database, or set DATABASE_URL, or databaseUrl in drover.config.ts.',
  })
}

/** The settings that are connection strings. */
type UrlKey = 'databaseUrl' | 'sourceUrl' | 'scratchDatabaseUrl'

/**
 * A connection string from its flag, else from the settings; undefined where there is none. Throws as
 * {@link databaseUrl}.
 */
export function urlOf(key: UrlKey, flag: string | undefined, { settings, origins }: ReadConfig): string | undefined {
  if (flag !== undefined && flag !== '') return requireConnectionString(flag, flagOf[key])
  const url = settings[key]
  return url === undefined || url === '' ? undefined : requireConnectionString(url, origins.get(key)!)
}

const flagOf: Readonly<Record<UrlKey, string>> = {
  databaseUrl: '--database-url',
  sourceUrl: '--source-url',
  scratchDatabaseUrl: '--scratch-database-url',
}
