import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { databaseUrl } from '../../src/cli/database.ts'
import { describeFailure } from '../../src/cli/failure.ts'
import { quarantineLimit, secondsAsMs } from '../../src/cli/flags.ts'
import type { Io } from '../../src/cli/io.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { drover, expectRefusal, start } from './drover.ts'

/** Where no server answers. */
const nowhere = 'postgresql://postgres@127.0.0.1:1/none'

/** What the command line prints in this process, and the code of what commander throws. */
async function parse(words: readonly string[]): Promise<{ code: string; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' }
  const streamOf = (name: keyof typeof written) =>
    ({
      columns: 100,
      write: (text: string) => {
        written[name] += text
      },
    }) as unknown as NodeJS.WriteStream
  const io = { stdout: streamOf('stdout'), stderr: streamOf('stderr') } as Io
  const code = await buildProgram(io)
    .parseAsync(words, { from: 'user' })
    .then(
      () => 'nothing',
      (thrown: { code: string }) => thrown.code,
    )
  return { code, ...written }
}

function refusalOf(work: () => unknown): string {
  try {
    work()
  } catch (thrown) {
    return describeFailure(thrown, 'stack').text
  }
  throw new Error('nothing was refused')
}

describe.concurrent('the command line', () => {
  it('teaches commands, environment and exit codes', async () => {
    const { exit, stdout, stderr } = await drover(['--help'])
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    for (const command of commands.map(({ name }) => name)) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} {2,}\\w`, 'm'))
    }
    expect(stdout).toMatch(/^ {2}--version {2,}\w/m)
    for (const exitCode of [0, 1, 2, 3, 4, 130]) expect(stdout).toMatch(new RegExp(`^ {2}${exitCode} `, 'm'))
    expect(stdout).toContain('DROVER_DATABASE_URL')
  })

  it.each(commands.map(({ name }) => name))('explains %s with examples', async (command) => {
    const { code, stdout } = await parse([command, '--help'])
    expect(code).toBe('commander.helpDisplayed')
    expect(stdout).toContain(`Usage: drover ${command}`)
    expect(stdout.match(new RegExp(`^ {2}\\$ drover ${command}`, 'gm'))!.length).toBeGreaterThanOrEqual(2)
    expect(stdout).not.toContain('[]')
  })

  it.each([
    ['run', [0, 1, 2, 3, 130]],
    ['resume', [0, 1, 2, 3, 130]],
    ['worker', [0, 1, 2, 3, 130]],
    ['verify', [0, 1, 2, 4, 130]],
  ])('tells the exit codes of %s', async (command, exits) => {
    const { stdout } = await parse([command, '--help'])
    const [, told] = /^Exit codes: (.*)\.$/m.exec(stdout) ?? []
    expect(told?.split(', ').map((exit) => Number.parseInt(exit, 10))).toEqual(exits)
  })

  it('takes help for a command too', async () => {
    expect(await drover(['help', 'status'])).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^Usage: drover status/),
    })
  })

  it('suggests the command that was meant', async () => {
    expect(await drover(['rnu', 'migration.ts'])).toEqual({
      exit: 2,
      stdout: '',
      stderr: "error: unknown command 'rnu'\n(Did you mean run?)\nRun drover --help to see commands and flags.\n",
    })
  })

  it('suggests the flag that was meant', async () => {
    expect(await drover(['run', 'migration.ts', '--worker', '3'])).toEqual({
      exit: 2,
      stdout: '',
      stderr: "error: unknown option '--worker'\n(Did you mean --workers?)\nRun drover run --help to see its flags.\n",
    })
  })

  it.each([
    [
      ['run', 'migration.ts', '--workers', '0'],
      /--workers <number>' argument '0' is invalid. It must be a whole number/,
    ],
    [['run', 'migration.ts', '--allow', 'everything'], /There is no hazard everything; drover plan shows/],
    [['status', '--run', 'last'], /'last' is invalid. A run is named by its number/],
    [['types', '--interface', 'my types'], /'my types' is invalid. It must be a name in TypeScript/],
    [['report', '--format', 'pdf'], /'pdf' is invalid. Allowed choices are json, markdown/],
    [['plan'], /missing required argument 'migration'/],
  ])('refuses %j', async (words, sentence) => {
    const { stdout, stderr } = await parse(words)
    expect(stdout).toBe('')
    expect(stderr).toMatch(sentence)
    expect(stderr).toMatch(/Run drover \w+ --help to see its flags\.\n$/)
  })

  it('asks for a database', async () => {
    expectRefusal(await drover(['plan', 'migration.ts']), {
      exit: 2,
      code: 'usage-invalid',
      what: 'No database is named.',
      remedy: /Give --database-url .* or set DATABASE_URL/,
    })
  })

  it('asks for a migration file or a plan', async () => {
    expectRefusal(await drover(['run'], { database: nowhere }), {
      exit: 2,
      code: 'usage-invalid',
      what: 'A run needs a migration file or a plan.',
      remedy: 'drover run migration.ts',
    })
  })

  it.each([
    [['run', 'none.ts'], 'migration-file-unreadable', 'The migration file does not exist.', 'Check the path'],
    [['resume', 'none.ts'], 'migration-file-unreadable', 'The migration file does not exist.', 'Check the path'],
    [['worker', 'none.ts'], 'migration-file-unreadable', 'The migration file does not exist.', 'Check the path'],
    [['run', '--plan', 'none.json'], 'usage-invalid', 'The plan file could not be read.', 'Write it with'],
  ])('notices before it connects that a file is missing: %j', async (words, code, what, remedy) => {
    expectRefusal(await drover(words, { database: nowhere }), { exit: 2, code, what, remedy })
  })

  it.each([
    ['mysql://root:hunter2@localhost/app', 'The connection string is not one of PostgreSQL.'],
    ['host=localhost password=hunter2', 'The connection string is not one of PostgreSQL.'],
    ['postgresql://app:slash/hunter2@localhost/app', 'The connection string is not one of PostgreSQL.'],
    ['postgresql://app:slash@x/hunter2@localhost/app', 'The password in the connection string is not escaped.'],
    ['postgresql://slash:1234?hunter2@localhost/app', 'The password in the connection string is not escaped.'],
    ['postgresql://slash:#hunter2@localhost/app', 'The password in the connection string is not escaped.'],
  ])('refuses %s and shows none of it', (url, what) => {
    const origins = new Map([['databaseUrl', 'DROVER_DATABASE_URL']] as const)
    const told = refusalOf(() => databaseUrl({}, { settings: { databaseUrl: url }, file: undefined, origins }))
    expect(told).toContain(`${what} [usage-invalid]\n  where:  DROVER_DATABASE_URL\n  remedy: Write `)
    expect(told).not.toMatch(/hunter2|slash/)
  })

  it('takes a reader that has read enough for no error', async () => {
    const calling = start(['run', '--help'])
    calling.process.stdout!.destroy()
    await once(calling.process, 'exit')
    expect(await calling.ended).toMatchObject({ exit: 0, stderr: '' })
  })
})

describe('a flag', () => {
  it('takes a limit as rows or as a part of the source', () => {
    expect(['0', '2000', '0.5%', '100%'].map(quarantineLimit)).toEqual([
      { rows: 0 },
      { rows: 2000 },
      { percent: 0.5 },
      { percent: 100 },
    ])
    for (const value of ['', '-1', '0.5', '101%', '1e3', '5 %', 'all'])
      expect(() => quarantineLimit(value)).toThrow(/percentage/)
  })

  it('takes seconds above zero', () => {
    expect(['1', '0.25', '300'].map(secondsAsMs)).toEqual([1_000, 250, 300_000])
    for (const value of ['0', '-1', '1e3', '', 'soon', '100000']) expect(() => secondsAsMs(value)).toThrow(/seconds/)
  })
})
