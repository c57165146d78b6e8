import { existsSync } from 'node:fs'
import { chown, mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DroverError } from '../error.ts'
import type { Account } from './account.ts'

/**
 * Makes an empty data directory ready for initdb, or checks that what lies there is a cluster that the binaries can
 * serve. A directory that holds anything else is left as it is.
 *
 * @throws DroverError `embedded-data-directory`
 */
export async function prepareDataDirectory(
  directory: string,
  account: Account | undefined,
  packageVersion: string,
): Promise<'empty' | 'cluster'> {
  const version = await readFile(join(directory, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (version !== undefined) {
    requireMajorVersion(directory, version.trim(), packageVersion.split('.')[0]!)
    return 'cluster'
  }
  if (existsSync(directory) && (await readdir(directory)).length > 0) {
    throw new DroverError('embedded-data-directory', 'The data directory holds something else than a cluster.', {
      where: directory,
      remedy: 'Use an empty directory, or one that does not exist yet.',
    })
  }
  // Only the directory itself is closed: the server's account must be able to pass through those above it.
  await mkdir(dirname(directory), { recursive: true })
  await mkdir(directory, { recursive: true, mode: 0o700 })
  if (account) await chown(directory, account.uid, account.gid)
  return 'empty'
}

function requireMajorVersion(directory: string, found: string, wanted: string): void {
  if (found === wanted) return
  throw new DroverError('embedded-data-directory', `The data is of PostgreSQL ${found}, the server of ${wanted}.`, {
    where: directory,
    remedy: 'Use another directory, or upgrade the data with pg_upgrade.',
  })
}
