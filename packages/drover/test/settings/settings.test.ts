import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { completableOf, withDescendants } from '../../src/cli/completion/completable.ts'
import { readConfig } from '../../src/cli/config-file.ts'
import { describeFailure } from '../../src/cli/failure.ts'
import type { Io } from '../../src/cli/io.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { readEnvironment, unknownVariables } from '../../src/cli/settings/environment.ts'
import { settingIn } from '../../src/cli/settings/join.ts'
import { type SettingKey, variableOf } from '../../src/cli/settings/key.ts'
import { nearest } from '../../src/cli/settings/nearest.ts'
import { settings } from '../../src/cli/settings/table.ts'
import { settle } from '../../src/cli/work-settings.ts'
import { defaultLandingWorkers } from '../../src/landing/defaults.ts'
import { defaultSettings } from '../../src/run/start.ts'
import { page, withTables } from './page.ts'

const keys = Object.keys(settings) as SettingKey[]
const fixtures = new URL('../cli/fixtures/', import.meta.url)

test('docs/configuration.md holds what the table of settings does (npm run docs:settings)', () => {
  const text = readFileSync(page, 'utf8')
  expect(text).toBe(withTables(text))
  for (const key of keys) expect(text).toContain(`| \`${key}\``)
})

test('the defaults of the table are those that hold', () => {
  const held = settle({}, {})
  const { pace, limits } = held
  const told = {
    ...held,
    maxQuarantined: 'rows' in defaultSettings.maxQuarantined ? defaultSettings.maxQuarantined.rows : undefined,
    chunkSeconds: pace.ms / 1000,
    chunkBytes: pace.mostBytes,
    reconnectSeconds: limits.patience.outageMs / 1000,
  }
  for (const key of keys.filter((each) => settings[each].otherwise === undefined)) {
    expect([key, settingIn(told, key)]).toEqual([key, settings[key].default])
  }
  expect(settings.workers.default).toBe(defaultLandingWorkers)
})

test('every flag of the table is one of the commands that it names, and tells the default of the table', async () => {
  const all = withDescendants(await completableOf(buildProgram({ env: {} } as Io)))
  const named = keys.flatMap((key) => {
    const { flag, commands: words } = settings[key]
    const mentioned = [...words.matchAll(/`(\w+)[^`]*`/g)].map(([, name]) => name!)
    return flag === undefined ? [] : mentioned.map((command) => ({ key, flag, command }))
  })
  expect(named.length).toBeGreaterThan(15)
  for (const { key, flag, command } of named) {
    // A rollback waits for a server as a run does, and has no flag for it.
    if (command === 'rollback' && flag === '--reconnect') continue
    const flags = all.find(({ path }) => path.join(' ') === `drover ${command}`)?.flags.flatMap(({ names }) => names)
    expect([key, command, flags]).toEqual([key, command, expect.arrayContaining([flag])])
  }
  for (const { name } of commands) {
    const program = buildProgram({ env: {} } as Io)
    const command = program.commands.find((each) => each.name() === name) as never
    await completableOf(command)
    for (const key of ['workers', 'chunkSeconds', 'reconnectSeconds', 'maxQuarantined'] as const) {
      const { flag, default: byDefault } = settings[key]
      const option = (command as { options: { long: string; description: string }[] }).options.find(
        ({ long }) => long === flag,
      )
      const [, told] = /\(default: (\d+)\)/.exec(option?.description ?? '') ?? []
      if (told !== undefined) expect([name, flag, told]).toEqual([name, flag, String(byDefault)])
    }
  }
})

describe('a variable', () => {
  it.each(keys)('%s takes the example of its type, and the file takes what it stands for', (key) => {
    const { type } = settings[key]
    expect(type.holds(type.read(type.exampleText))).toBe(true)
    const { named, mistakes } = readEnvironment({ [variableOf(key)]: type.exampleText })
    expect(mistakes).toEqual([])
    expect(named).toEqual([{ key, value: type.read(type.exampleText), variable: variableOf(key) }])
  })

  it.each<[string, string, unknown]>([
    ['DROVER_WORKERS', '4', { workers: 4 }],
    ['DROVER_LIMITS_LOCK_MS', '5000', { limits: { lockMs: 5_000 } }],
    ['DROVER_SERVER_LIMITS_BLOCKED_SESSIONS', 'none', { serverLimits: { blockedSessions: null } }],
    ['DROVER_SERVER_LIMITS_WAL_BYTES_PER_SECOND', '0', { serverLimits: { walBytesPerSecond: 0 } }],
    ['DROVER_MEMORY_WORK_MEM', '64MB', { memory: { workMem: '64MB' } }],
    ['DROVER_ASYNC_COMMIT', 'false', { asyncCommit: false }],
    ['DROVER_MAX_QUARANTINED', '0.5%', { maxQuarantined: '0.5%' }],
    ['DROVER_MAX_QUARANTINED', '7', { maxQuarantined: 7 }],
    ['DROVER_LAND_AS', 'public=legacy, sales=old', { landAs: { public: 'legacy', sales: 'old' } }],
    ['DROVER_WORKERS', '', {}],
  ])('%s=%s is taken', async (variable, text, config) => {
    expect((await readConfig({}, { [variable]: text })).settings).toEqual(config)
  })

  it.each<[string, string, string]>([
    ['DROVER_WORKERS', '0', 'be a whole number above 0'],
    ['DROVER_WORKERS', '0x4', 'be a whole number above 0'],
    ['DROVER_CHUNK_SECONDS', 'hunter2', 'be a number of seconds above 0, at most a day'],
    ['DROVER_LIMITS_LOCK_MS', '1.5', 'be a whole number of milliseconds above 0'],
    ['DROVER_LIMITS_SILENCE_MS', '1999', 'be a whole number of milliseconds from 2,000 up'],
    ['DROVER_SERVER_LIMITS_CHUNK_MS', 'null', 'be a number from 0 up, or none for no limit'],
    ['DROVER_MEMORY_WORK_MEM', '64 MB', 'be a size from 1MB to 2047GB'],
    ['DROVER_ASYNC_COMMIT', 'yes', 'be true or false'],
    ['DROVER_MAX_QUARANTINED', '101%', 'be a number of rows, or a percentage up to 100%'],
    ['DROVER_MAX_QUARANTINED', 'all', 'be a number of rows, or a percentage up to 100%'],
    ['DROVER_LAND_AS', 'public', 'be pairs of names of schemas, such as public=legacy, with commas between them'],
    ['DROVER_CHUNK_BYTES', '64MB', 'be a whole number of bytes above 0'],
  ])('%s=%s is refused by its name alone', async (variable, text, must) => {
    const thrown = await readConfig({}, { [variable]: text }).catch((error: unknown) => error)
    const told = describeFailure(thrown, 'message')
    expect(told.exit).toBe(2)
    expect(told.text).toContain(`${variable} must ${must}. [usage-invalid]\n  where:  ${variable}\n`)
    expect(told.text).toContain('  remedy: Set it to ')
    expect(told.text).not.toContain('hunter2')
  })

  it('goes before the file, one setting of a group and not the others', async () => {
    const file = new URL('settings.config.ts', fixtures).pathname
    const { settings: held, origins } = await readConfig({ config: file }, { DROVER_LIMITS_LOCK_MS: '7' })
    expect(held).toEqual({ workers: 3, limits: { lockMs: 7, idleMs: 9_000 } })
    expect([...origins]).toEqual([
      ['workers', `workers in ${file}`],
      ['limits.lockMs', 'DROVER_LIMITS_LOCK_MS'],
      ['limits.idleMs', `limits.idleMs in ${file}`],
    ])
  })

  it('of the database goes before the one that many programs read', async () => {
    const env = { DROVER_DATABASE_URL: 'postgresql://one/x', DATABASE_URL: 'postgresql://other/x' }
    expect((await readConfig({}, env)).settings.databaseUrl).toBe('postgresql://one/x')
    expect((await readConfig({}, { ...env, DROVER_DATABASE_URL: '' })).settings.databaseUrl).toBe(
      'postgresql://other/x',
    )
  })
})

describe('what is not known', () => {
  it.each<[string, string | undefined]>([
    ['DROVER_WORKER', 'DROVER_WORKERS'],
    ['DROVER_LOCK_MS', 'DROVER_LIMITS_LOCK_MS'],
    ['DROVER_DATABSE_URL', 'DROVER_DATABASE_URL'],
    ['DROVER_SERVE_TOKENS', 'DROVER_SERVE_TOKEN'],
    // What Kubernetes sets for a service of that name, and what a migration file may read.
    ['DROVER_SERVICE_HOST', undefined],
    ['DROVER_SERVICE_PORT', undefined],
    ['DROVER_PORT', undefined],
    ['DROVER_PORT_5432_TCP_ADDR', undefined],
    ['DROVER_EXAMPLE_TOKEN_KEY', undefined],
    ['DROVER_CITUS_URL', undefined],
  ])('%s may mean %s', (variable, meant) => {
    expect(unknownVariables({ [variable]: 'x', DROVER_WORKERS: '2', PATH: '' })).toEqual([{ variable, meant }])
  })

  it('is near by letters that are added, left out, replaced or swapped', () => {
    const among = (...names: string[]) => names.map((name) => ({ name, written: [name] }))
    // Two swapped letters are one edit, as near as none of the others.
    expect(nearest('wrokers', among('brokersx', 'workers'))).toBe('workers')
    expect(nearest('databaseURL', among('databaseUrl'))).toBe('databaseUrl')
    expect(nearest('lockMs', among('idleMs', 'lockMs'))).toBe('lockMs')
    expect(nearest('ab', among('xy'))).toBeUndefined()
    expect(nearest('threads', among('workers', 'memory'))).toBeUndefined()
  })
})
