import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../../src/cli/commands.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const recorder = new URL('./record-modules.ts', import.meta.url).href

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-loading-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The modules that a call of the command line loads: packages by name, drover's own by folder. */
async function loadedBy(...words: readonly string[]): Promise<{ packages: Set<string>; folders: Map<string, number> }> {
  const file = join(folder, randomUUID())
  const env = { ...process.env, RECORD_MODULES: file }
  await promisify(execFile)(process.execPath, ['--conditions=source', '--import', recorder, main, ...words], { env })
  const packages = new Set<string>()
  const folders = new Map<string, number>()
  for (const url of (await readFile(file, 'utf8')).split('\n')) {
    const name = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
    if (name !== undefined) packages.add(name)
    const own = /\/drover\/src\/([^/]+)\//.exec(url)?.[1]
    if (own !== undefined) folders.set(own, (folders.get(own) ?? 0) + 1)
  }
  return { packages, folders }
}

test('the help of drover loads the parser of words, and of drover the list of commands', async () => {
  const { packages, folders } = await loadedBy('--help')
  expect([...packages]).toEqual(['commander'])
  expect([...folders.keys()].sort()).toEqual(['cli', 'codes', 'db', 'plan', 'report'])
  // The version, and what an error is told by.
  expect(folders.get('plan')).toBe(1)
  expect(folders.get('report')).toBe(1)
  expect(folders.get('db')).toBeLessThanOrEqual(2)
  expect(folders.get('cli')).toBeLessThanOrEqual(10)
})

const heavyPackages = [
  'pg',
  'pg-copy-streams',
  'jiti',
  'csv-parse',
  'hono',
  '@hono/node-server',
  'd3-scale',
  'd3-shape',
]

describe('the help of a command loads no driver, nothing that transpiles, and no server', () => {
  test.concurrent.each(commands.map(({ name }) => name))('%s', async (name) => {
    const { packages, folders } = await loadedBy(name, '--help')
    expect(folders.get('cli')).toBeGreaterThan(0)
    for (const heavy of heavyPackages) expect([...packages]).not.toContain(heavy)
  })
})

test.concurrent.each(['types', 'plan', 'check', 'run', 'status', 'verify', 'rollback'])(
  'the help of %s builds no query',
  async (name) => {
    const { packages } = await loadedBy(name, '--help')
    expect([...packages]).toEqual(['commander'])
  },
)
