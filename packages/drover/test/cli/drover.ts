import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** The directory in which the command line is called: migration files lie there. */
export const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url))

/** Where Node keeps what it has compiled: each call is a new process that reads the same sources. */
const compileCache = join(tmpdir(), 'drover-test-compile-cache')

/** Every hazard of the fixture's plan, and that it is not rehearsed, allowed. */
export const allowed = ['--allow', 'merges-rows,unrehearsed,drops-indexes']

export interface Result {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Call {
  /** The target database. Default: none is named. */
  readonly database?: string
  readonly env?: Readonly<Record<string, string>>
  /** Where it is called. Default {@link fixtures}. */
  readonly directory?: string
}

/** A called command line that has not ended yet. */
export interface Calling {
  readonly process: ChildProcess
  readonly ended: Promise<Result>
  /** Resolves once stderr holds the text; rejects where the process ends without. */
  stderrHolds(text: string): Promise<void>
}

/** Calls the command line as a process of its own and waits for its end. */
export function drover(words: readonly string[], call: Call = {}): Promise<Result> {
  return start(words, call).ended
}

/** Calls the command line as a process of its own. */
export function start(words: readonly string[], { database, env = {}, directory = fixtures }: Call = {}): Calling {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, ['--conditions=source', '--no-warnings', main, ...words], {
    cwd: directory,
    env: {
      PATH,
      HOME,
      NODE_COMPILE_CACHE: compileCache,
      ...(database === undefined ? {} : { DATABASE_URL: database }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Result>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exit) => resolve({ exit, stdout, stderr }))
  })
  return {
    process: child,
    ended,
    stderrHolds: (text) =>
      new Promise((resolve, reject) => {
        const look = () => stderr.includes(text) && resolve()
        child.stderr.on('data', look)
        child.on('close', () => reject(new Error(`${JSON.stringify(text)} is not in stderr: ${stderr}`)))
        look()
      }),
  }
}

/** A database with the schemas and rows that the fixture's migration reads. */
export async function sourceDatabase(): Promise<TestDatabase> {
  const database = await createDatabase()
  await database.query(await readFile(`${fixtures}schema.sql`, 'utf8'))
  return database
}

export interface Refusal {
  readonly exit: number
  /** The code of the error, as in the catalogue. */
  readonly code: string
  /** What happened, the first line of the message. */
  readonly what: string | RegExp
  /** Found in the rest of the message. */
  readonly told?: readonly (string | RegExp)[]
  readonly remedy: string | RegExp
}

/** One sentence that says what is wrong, its remedy, the exit code, and neither result nor stack trace. */
export function expectRefusal(result: Result, refusal: Refusal): void {
  const [first, ...rest] = result.stderr.trimEnd().split('\n')
  expect(first).toMatch(refusal.what)
  expect(first).toContain(`[${refusal.code}]`)
  for (const part of refusal.told ?? []) expect(rest.join('\n')).toMatch(part)
  expect(rest.find((line) => line.startsWith('  remedy: '))).toMatch(refusal.remedy)
  expect(rest.filter((line) => !/^ {2}(- |where: {2}|why: {4}|remedy: )/.test(line))).toEqual([])
  expect(result).toMatchObject({ exit: refusal.exit, stdout: '' })
}

/** Nothing was written: there is no ledger, and the target holds no row. */
export async function expectUntouched(database: TestDatabase): Promise<void> {
  const [row] = await database.query(
    `select to_regnamespace('drover') is null as "noLedger", (select count(*) from public.clinics)::integer as rows`,
  )
  expect(row).toEqual({ noLedger: true, rows: 0 })
}
