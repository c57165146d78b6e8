import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mistakesOf } from '../../src/cli/settings/check-file.ts'
import { settle, settleQuarantine } from '../../src/cli/work-settings.ts'
import type { Config } from '../../src/index.ts'
import { defaultServerLimits } from '../../src/monitor/limits.ts'
import { defaultLimits } from '../../src/run/worker.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { drover, expectRefusal, sourceDatabase } from './drover.ts'

let database: TestDatabase
let directory: string
const nobody = 'postgresql://app:hunter2@127.0.0.1:1/none'

beforeAll(async () => {
  database = await sourceDatabase()
  directory = await mkdtemp(join(tmpdir(), 'drover-config-'))
})

afterAll(() => rm(directory, { recursive: true, force: true }))

async function projectWith(name: string, text: string): Promise<string> {
  const project = await mkdtemp(join(directory, 'project-'))
  await writeFile(join(project, name), text)
  return project
}

const urlOnly = (url: string) => `export default { databaseUrl: ${JSON.stringify(url)} }\n`

/** What `drover status` says where it has reached the test's database, which has no ledger. */
const reached = {
  exit: 2,
  code: 'ledger-missing',
  what: 'This database has no ledger of drover.',
  remedy: 'drover run',
}

describe.concurrent('the config file', () => {
  it.each(['ts', 'mts', 'js', 'mjs'])('is found as drover.config.%s', async (extension) => {
    const project = await projectWith(`drover.config.${extension}`, urlOnly(database.url))
    expectRefusal(await drover(['status'], { directory: project }), reached)
  })

  it('may be written with its type, and in TypeScript that Node alone cannot load', async () => {
    const text = `import type { Config } from 'drover'
enum Url { target = ${JSON.stringify(database.url)} }
export default { databaseUrl: Url.target, workers: undefined } satisfies Config\n`
    expectRefusal(await drover(['status'], { directory: await projectWith('drover.config.ts', text) }), reached)
  })

  it('is the one that the flag names, before that of the directory', async () => {
    const project = await projectWith('drover.config.ts', urlOnly(nobody))
    await writeFile(join(project, 'other.ts'), urlOnly(database.url))
    expectRefusal(await drover(['status', '--config', 'other.ts'], { directory: project }), reached)
  })

  it('is the one that the environment names, behind the flag', async () => {
    const project = await projectWith('drover.config.ts', urlOnly(nobody))
    await writeFile(join(project, 'other.ts'), urlOnly(database.url))
    const env = { DROVER_CONFIG: 'other.ts' }
    expectRefusal(await drover(['status'], { directory: project, env }), reached)
    const { stdout } = await drover(['config', '--config', 'drover.config.ts'], { directory: project, env })
    expect(stdout).toContain('postgresql://127.0.0.1:1/none')
  })

  it('goes behind environment and flag', async () => {
    const project = await projectWith('drover.config.ts', urlOnly(nobody))
    expectRefusal(await drover(['status'], { directory: project, database: database.url }), reached)
    const flag = ['status', '--database-url', database.url]
    expectRefusal(await drover(flag, { directory: project, database: nobody }), reached)
    expectRefusal(await drover(['status'], { directory: project }), {
      exit: 1,
      code: 'database-unreachable',
      what: 'No PostgreSQL server answers.',
      remedy: 'Start the server',
    })
  })

  it.each<{ text: string; what: string | RegExp; told?: readonly (string | RegExp)[]; remedy: string | RegExp }>([
    {
      text: `export default { databaseURL: '${nobody}' }`,
      what: 'drover.config.ts has a setting databaseURL, which drover does not know.',
      remedy: 'Did you mean databaseUrl?',
    },
    {
      text: 'export default { memory: { hugePages: true } }',
      what: 'drover.config.ts has a setting memory.hugePages, which drover does not know.',
      remedy: 'Those that there are: workMem, maintenanceWorkMem.',
    },
    {
      text: `export default { serverLimits: { chunkMs: '${nobody}' } }`,
      what: 'The setting serverLimits.chunkMs in drover.config.ts must be a number from 0 up, or null for no limit.',
      remedy: 'Write for example chunkMs: 10, or leave it out for the default.',
    },
    {
      text: `export default { workers: 0, chunkSeconds: '${nobody}' }`,
      what: '2 settings are wrong.',
      told: ['The setting workers in drover.config.ts must be a whole number above 0. Write for example workers: 4,'],
      remedy: 'Correct them.',
    },
    {
      text: `export default { databaseUrl: 'app:hunter2@nowhere' }`,
      what: 'The connection string is not one of PostgreSQL.',
      told: ['databaseUrl in drover.config.ts'],
      remedy: 'postgresql://',
    },
    {
      text: `export const config = { databaseUrl: '${nobody}' }`,
      what: 'The config file has no default export.',
      remedy: 'export default',
    },
    {
      text: `export default '${nobody}'`,
      what: 'The default export of the config file is not an object.',
      remedy: 'export default',
    },
    {
      text: `\nexport default { databaseUrl: 'postgresql://app:'hunter2@nowhere' }`,
      what: 'The config file has a syntax error.',
      told: [/where: {2}\S*drover\.config\.ts:2$/m],
      remedy: 'Mend it',
    },
    {
      text: `throw new Error('cannot reach ${nobody}')`,
      what: 'The config file failed while it was loaded.',
      told: [/where: {2}\S*drover\.config\.ts:1$/m, /why: {4}Error$/m],
      remedy: 'loading the file must only define the settings',
    },
    {
      text: 'const settings: any = {}\nexport default settings.missing.name',
      what: 'The config file failed while it was loaded.',
      told: ['TypeError: Cannot read properties of undefined'],
      remedy: 'Mend it',
    },
  ])('is refused without showing a secret: $text', async ({ text, ...refusal }) => {
    const result = await drover(['status'], { directory: await projectWith('drover.config.ts', text) })
    expectRefusal(result, { exit: 2, code: 'usage-invalid', ...refusal })
    expect(result.stderr).not.toContain('hunter2')
  })

  it('that the flag names must exist', async () => {
    expectRefusal(await drover(['status', '--config', 'nowhere.ts']), {
      exit: 2,
      code: 'usage-invalid',
      what: 'The config file does not exist.',
      told: ['nowhere.ts'],
      remedy: 'Check the path',
    })
  })

  it('is not loaded for help, which names it', async () => {
    const project = await projectWith('drover.config.ts', 'throw new Error()')
    const { exit, stdout } = await drover(['run', '--help'], { directory: project })
    expect(exit).toBe(0)
    expect(stdout).toMatch(/--config <file>[\s\S]*drover\.config\.ts may set/)
  })
})

describe('settings', () => {
  it('of every kind are taken', () => {
    const config: Config = {
      databaseUrl: 'postgresql://localhost/app',
      serverLimits: { replicationLagSeconds: null, blockedSessions: 0, walBytesPerSecond: 5e7 },
      limits: { chunkStatementMs: 60_000, lockMs: 1 },
      workers: 4,
      chunkSeconds: 0.25,
      chunkBytes: 1_000_000,
      asyncCommit: true,
      memory: { workMem: '64MB', maintenanceWorkMem: '1GB' },
      maxQuarantined: '0.5%',
    }
    expect(mistakesOf(config, 'x')).toEqual([])
    expect(mistakesOf({ maxQuarantined: 0, workers: undefined, limits: {} }, 'x')).toEqual([])
  })

  it.each<object>([
    { databaseUrl: 5 },
    { workers: 1.5 },
    { workers: '4' },
    { workers: Number.NaN },
    { chunkSeconds: 0 },
    { chunkSeconds: 86_401 },
    { chunkBytes: 0 },
    { asyncCommit: 'yes' },
    { memory: { workMem: '64 MB' } },
    { memory: { workMem: 64 } },
    { memory: { maintenanceWorkMem: '2048GB' } },
    { memory: { hashMem: '64MB' } },
    { maxQuarantined: -1 },
    { maxQuarantined: 0.5 },
    { maxQuarantined: '50' },
    { maxQuarantined: '101%' },
    { limits: null },
    { limits: [] },
    { limits: { lockMs: 0 } },
    { limits: { lockMs: 2 ** 31 } },
    { limits: { silenceMs: 1_999 } },
    { limits: { patience: {} } },
    { serverLimits: { databaseBytes: -1 } },
    { serverLimits: { databaseBytes: '1 GB' } },
    { serverLimits: { toString: 1 } },
    { reconnect: 5 },
  ])('%j is a mistake', (settings) => {
    expect(mistakesOf(settings, 'x')).toHaveLength(1)
  })

  it('go before defaults, and behind flags', () => {
    expect(settle({}, {})).toMatchObject({
      workers: 2,
      pace: { ms: 1_000 },
      limits: defaultLimits,
      serverLimits: defaultServerLimits,
      asyncCommit: false,
      memory: {},
    })
    const config: Config = {
      workers: 5,
      chunkSeconds: 0.25,
      chunkBytes: 1_000_000,
      memory: { workMem: '64MB' },
      limits: { lockMs: 5_000 },
      serverLimits: { databaseBytes: 1 },
      maxQuarantined: '2%',
      reconnectSeconds: 7,
    }
    expect(settle({}, config)).toMatchObject({
      workers: 5,
      pace: { ms: 250, mostBytes: 1_000_000 },
      memory: { workMem: '64MB' },
      limits: { ...defaultLimits, lockMs: 5_000, patience: { ...defaultLimits.patience, outageMs: 7_000 } },
      serverLimits: { ...defaultServerLimits, databaseBytes: 1 },
    })
    const flags = { workers: 3, chunkSeconds: 700, reconnect: 9_000, asyncCommit: true } as const
    expect(settle({}, { asyncCommit: true })).toMatchObject({ asyncCommit: true })
    expect(settle({ asyncCommit: false }, { asyncCommit: true })).toMatchObject({ asyncCommit: false })
    expect(settle(flags, config)).toMatchObject({
      workers: 3,
      asyncCommit: true,
      pace: { ms: 700 },
      limits: { lockMs: 5_000, patience: { outageMs: 9_000 } },
    })
    expect(settleQuarantine(undefined, {})).toBeUndefined()
    expect(settleQuarantine(undefined, config)).toEqual({ percent: 2 })
    expect(settleQuarantine(undefined, { maxQuarantined: 7 })).toEqual({ rows: 7 })
    expect(settleQuarantine({ rows: 1 }, config)).toEqual({ rows: 1 })
  })
})
