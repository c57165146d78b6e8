import { execFileSync } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, type TestContext, test, vi } from 'vitest'
import { startEmbedded } from '../../src/embedded/index.ts'
import { isRoot, temporaryFolder } from './sandbox.ts'

const folder = await temporaryFolder()
const small = { settings: { shared_buffers: '16MB' } }
const diskFull = { code: 'embedded-disk-full', remedy: expect.stringContaining('TMPDIR') }

const mounted: string[] = []
afterEach(() => {
  for (const disk of mounted.splice(0)) execFileSync('umount', [disk])
  vi.unstubAllEnvs()
})

/** A disk of its own, of so many megabytes; the test is skipped where none can be made. */
async function mountDisk(context: TestContext, megabytes: number): Promise<string> {
  if (!isRoot || process.platform !== 'linux') context.skip('only root can mount a small disk')
  const disk = join(folder, `disk-${megabytes}`)
  await mkdir(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk], { stdio: 'pipe' })
  } catch (error) {
    context.skip(`no small disk could be mounted: ${(error as Error).message}`)
  }
  mounted.push(disk)
  return disk
}

test('while the binaries are copied', async (context) => {
  const disk = await mountDisk(context, 8)
  vi.stubEnv('TMPDIR', disk)
  await expect(startEmbedded(small)).rejects.toMatchObject({ ...diskFull, where: disk })
  expect(await readdir(disk)).toEqual([])
})

test('while the cluster is made', async (context) => {
  const dataDirectory = join(await mountDisk(context, 16), 'data')
  await expect(startEmbedded({ ...small, dataDirectory })).rejects.toMatchObject({ ...diskFull, where: dataDirectory })
  expect(await readdir(dataDirectory)).toEqual([])
})

test('when the server starts', async (context) => {
  const disk = await mountDisk(context, 80)
  const dataDirectory = join(disk, 'data')
  const first = await startEmbedded({ ...small, dataDirectory })
  await first.stop()
  await writeFile(join(disk, 'other'), Buffer.alloc(80 * 2 ** 20)).catch(() => {})
  await expect(startEmbedded({ ...small, dataDirectory })).rejects.toMatchObject({ ...diskFull, where: dataDirectory })
})
