import { chmod, chown, mkdir, mkdtemp, readdir, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { runnableBinaries } from '../../src/embedded/binaries.ts'
import type { Distribution } from '../../src/embedded/platform.ts'
import { isRoot, nobody, temporaryFolder } from './sandbox.ts'

const root = await temporaryFolder()

let base: string
let distribution: Distribution
beforeEach(async () => {
  base = await mkdtemp(join(root, 'base-'))
  const directory = await mkdtemp(join(root, 'native-'))
  for (const folder of ['bin', 'lib']) await mkdir(join(directory, folder), { mode: 0o700 })
  await writeFile(join(directory, 'bin', 'postgres'), 'program', { mode: 0o700 })
  await writeFile(join(directory, 'lib', 'libpq.so.5.18'), 'library', { mode: 0o600 })
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]
  await writeFile(join(directory, 'pg-symlinks.json'), JSON.stringify(links))
  distribution = { platform: 'linux-x64', directory, packageVersion: '18.4.0' }
})

/** What a start does: a folder of its own, the copy, and no folder any more. */
async function copy(runner: 'another user' | 'ourselves' = 'another user'): Promise<string> {
  const folder = await mkdtemp(join(base, 'drover-server-'))
  const binaries = await runnableBinaries(distribution, {
    account: runner === 'ourselves' ? undefined : { uid: nobody, gid: nobody },
    base,
    folder,
  })
  if (!binaries.startsWith(folder)) await rm(folder, { recursive: true })
  return binaries
}

test('a copy has the links, and everyone can read it but not write to it', async () => {
  const binaries = await copy()
  expect(await readlink(join(binaries, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18')
  expect((await stat(binaries)).mode & 0o777).toBe(0o755)
  expect((await stat(join(binaries, 'bin'))).mode & 0o777).toBe(0o755)
  expect((await stat(join(binaries, 'bin', 'postgres'))).mode & 0o777).toBe(0o755)
  expect((await stat(join(binaries, 'lib', 'libpq.so.5.18'))).mode & 0o777).toBe(0o644)
})

test('a copy is made once', async () => {
  const binaries = await copy()
  const made = (await stat(binaries)).ino
  expect(await copy()).toBe(binaries)
  expect((await stat(binaries)).ino).toBe(made)
})

test('several who copy at once end with one copy', async () => {
  const copies = await Promise.all([copy(), copy(), copy()])
  expect(new Set(copies).size).toBe(1)
  const left = (await readdir(base)).filter((name) => name.startsWith('drover-postgres'))
  expect(left).toEqual([`drover-postgres-linux-x64-18.4.0-${process.getuid?.() ?? 'user'}`])
  expect(await readlink(join(copies[0]!, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18')
})

test('a copy of which files were cleared away is made again', async () => {
  const binaries = await copy()
  await rm(join(binaries, 'lib', 'libpq.so.5'))
  expect(await copy()).toBe(binaries)
  expect(await readdir(join(binaries, 'lib'))).toContain('libpq.so.5')
})

test('a copy that others may write to is not trusted', async () => {
  const binaries = await copy()
  await chmod(binaries, 0o777)
  expect(await copy()).not.toBe(binaries)
})

test.runIf(isRoot)('a copy that someone else made is not trusted', async () => {
  const binaries = await copy()
  await chown(binaries, nobody, nobody)
  expect(await copy()).not.toBe(binaries)
})

test('a package with its links needs no copy, unless another user runs it', async () => {
  expect(await copy('ourselves')).not.toBe(distribution.directory)
  await writeFile(join(distribution.directory, 'lib', 'libpq.so.5'), 'in place of a link')
  expect(await copy('ourselves')).toBe(distribution.directory)
  expect(await copy()).not.toBe(distribution.directory)
})
