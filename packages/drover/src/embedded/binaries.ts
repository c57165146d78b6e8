import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { Distribution } from './platform.ts'

/**
 * A copy of the binaries that any user can read, with the symbolic links that the package's install script would have
 * made. It is made once for each version and user and used again; the package itself may lie where the server's account
 * cannot look, and install scripts may be off.
 */
export async function readableBinaries(distribution: Distribution, folder: string): Promise<string> {
  const owner = process.getuid?.() ?? 'user'
  const copy = join(folder, `drover-postgres-${distribution.packageVersion}-${owner}`)
  if (await isOurs(copy)) return copy
  const fresh = await mkdtemp(`${copy}-`)
  try {
    await cp(distribution.directory, fresh, { recursive: true, verbatimSymlinks: true })
    await restoreSymlinks(fresh)
    await openToReaders(fresh)
    // Two processes may copy at once: the first rename wins, and the other's copy is as good.
    await rename(fresh, copy).catch(async (error: NodeJS.ErrnoException) => {
      if (!(await isOurs(copy))) throw error
      await rm(fresh, { recursive: true, force: true })
    })
    return copy
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    throw error
  }
}

/** A copy is trusted only if we made it and nobody else could have changed it: it lies where everyone may write. */
async function isOurs(copy: string): Promise<boolean> {
  const found = await lstat(copy).catch(() => undefined)
  if (found === undefined) return false
  if (process.getuid === undefined) return found.isDirectory()
  if (found.isDirectory() && found.uid === process.getuid() && (found.mode & 0o022) === 0) return true
  throw new Error(`${copy} belongs to someone else; remove it`)
}

async function restoreSymlinks(copy: string): Promise<void> {
  const listed = await readFile(join(copy, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = JSON.parse(listed) as readonly { readonly source: string; readonly target: string }[]
  for (const { source, target } of links) {
    const at = join(copy, relative('native', target))
    await symlink(relative(dirname(target), source), at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** Whatever the umask was when npm unpacked the package. */
async function openToReaders(copy: string): Promise<void> {
  await chmod(copy, 0o755)
  for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) await chmod(path, 0o755)
    else if (entry.isFile()) await chmod(path, basename(entry.parentPath) === 'bin' ? 0o755 : 0o644)
  }
}
