import { existsSync } from 'node:fs'
import { chmod, cp, lstat, readdir, readFile, rename, symlink } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { Account } from './account.ts'
import { explainFailure } from './failure.ts'
import type { Distribution } from './platform.ts'

/** Where the binaries may be copied to. */
export interface CopyPlaces {
  /** Whom they must run as, if not as ourselves. */
  readonly account: Account | undefined
  /** The folder for temporary files; a copy that stays lies here. */
  readonly base: string
  /** The server's own folder inside it, which goes with the server. */
  readonly folder: string
}

/**
 * A folder with binaries that the server's account can run: the package's own where they are complete and we run them
 * ourselves. Otherwise a copy: the package may lie where the account cannot look, or lack the symbolic links that its
 * install script makes, and be read-only. A copy is made once for each version and user, and used again.
 *
 * @throws DroverError `embedded-disk-full`
 */
export async function runnableBinaries(distribution: Distribution, places: CopyPlaces): Promise<string> {
  const links = await readLinks(distribution.directory)
  const isComplete = links.every(({ path }) => existsSync(join(distribution.directory, path)))
  if (isComplete && places.account === undefined) return distribution.directory

  const { platform, packageVersion } = distribution
  const owner = process.getuid?.() ?? 'user'
  const shared = join(places.base, `drover-postgres-${platform}-${packageVersion}-${owner}`)
  const files = [...(await readdir(distribution.directory, { recursive: true })), ...links.map(({ path }) => path)]
  if (await isUsable(shared, files)) return shared
  // A copy under way lies in the server's folder, so that it goes with it when we are killed.
  const fresh = join(places.folder, 'binaries')
  await copyBinaries(distribution.directory, fresh, links).catch((error: Error) => {
    throw explainFailure(error.message, { where: places.base }, error)
  })
  return share(fresh, shared, files)
}

/** Moves a fresh copy to where the next start finds it. Whoever is first wins, and the other's copy is as good. */
async function share(fresh: string, shared: string, files: readonly string[]): Promise<string> {
  // First of all, so that what is found in the way was there complete or incomplete, and is not about to come.
  if (await moved(fresh, shared)) return shared
  if (await isUsable(shared, files)) return shared
  if (await isOurs(shared)) await rename(shared, `${fresh}-incomplete`).catch(() => {})
  if (await moved(fresh, shared)) return shared
  return (await isUsable(shared, files)) ? shared : fresh
}

/** A folder does not take the place of one that holds something. */
function moved(fresh: string, shared: string): Promise<boolean> {
  return rename(fresh, shared).then(
    () => true,
    () => false,
  )
}

/** Programs that clear temporary folders take the files that were not read for long, one by one. */
async function isUsable(shared: string, files: readonly string[]): Promise<boolean> {
  if (!(await isOurs(shared))) return false
  const found = new Set(await readdir(shared, { recursive: true }))
  return files.every((file) => found.has(file))
}

/** A copy is trusted only if we made it and nobody else could have changed it: it lies where everyone may write. */
async function isOurs(shared: string): Promise<boolean> {
  const found = await lstat(shared).catch(() => undefined)
  if (!found?.isDirectory()) return false
  return process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o022) === 0)
}

async function copyBinaries(from: string, to: string, links: readonly Link[]): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true })
  for (const { path, target } of links) {
    if (!existsSync(join(to, path))) await symlink(target, join(to, path))
  }
  // Whatever the umask was when npm unpacked the package.
  await chmod(to, 0o755)
  for (const entry of await readdir(to, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) await chmod(path, 0o755)
    else if (entry.isFile()) await chmod(path, basename(entry.parentPath) === 'bin' ? 0o755 : 0o644)
  }
}

/** A symbolic link of the distribution: its path inside, and what it points to. */
interface Link {
  readonly path: string
  readonly target: string
}

/** The links that the package's install script would make; it lists them as `source` (what is there) and `target`. */
async function readLinks(directory: string): Promise<readonly Link[]> {
  const listed = await readFile(join(directory, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = JSON.parse(listed) as readonly { readonly source: string; readonly target: string }[]
  return links.map(({ source, target }) => ({
    path: relative('native', target),
    target: relative(dirname(target), source),
  }))
}
