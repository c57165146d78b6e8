import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startEmbedded } from 'drover/embedded'
import pg from 'pg'
import { compareWithManifest } from './compare.ts'
import { createSchemas } from './database.ts'
import { generate } from './generator/index.ts'
import type { Manifest } from './generator/manifest.ts'

const usage = `The reference migration, from generated data to a verified report.

  npm run demo
  npm run demo -- --scale m
  npm run demo -- --database-url postgresql://user:password@host:5432/empty_database

Options
  --scale s|m           10,000 or 1,000,000 metric values (default s)
  --seed N              another data set of the same kind (default 1)
  --database-url URL    an empty database on a server of yours (default: an embedded server)
  --workers N           workers of the run (default 2)
  --chunk-rows N        source rows a chunk (default 10000)
  --out DIRECTORY       where the report goes (default .drover/demo)

Environment
  DROVER_EXAMPLE_TOKEN_KEY   32 bytes in base64 that encrypt the Google tokens (default: a key for this run alone)`

interface Settings {
  readonly scale: 's' | 'm'
  readonly seed: number
  readonly databaseUrl: string | undefined
  readonly runFlags: readonly string[]
  readonly out: string
}

const here = fileURLToPath(new URL('.', import.meta.url))
const startedIn = process.env.INIT_CWD ?? process.cwd()
const interrupted = new AbortController()
const givenTokenKey = process.env.DROVER_EXAMPLE_TOKEN_KEY
const tokenKey = givenTokenKey ?? randomBytes(32).toString('base64')

try {
  const settings = readSettings()
  if (settings === undefined) console.log(usage)
  else process.exitCode = await demo(settings)
} catch (error) {
  const { renderError } = await import('drover')
  const isOurs = error instanceof Error && error.name === 'DroverError'
  console.error(isOurs ? renderError(error as Parameters<typeof renderError>[0]) : (error as Error).message)
  process.exitCode = 1
}

async function demo(settings: Settings): Promise<number> {
  process.once('SIGINT', () => interrupted.abort())
  if (settings.databaseUrl !== undefined) return migrate(settings, settings.databaseUrl)
  const server = await step('Starting an embedded PostgreSQL', () => startEmbedded({ signal: interrupted.signal }))
  try {
    await withClient(server.url, (client) => client.query('create database dental'))
    return await migrate(settings, server.urlFor('dental'))
  } finally {
    await server.stop()
  }
}

async function migrate(settings: Settings, url: string): Promise<number> {
  const rows = { s: '10,000', m: '1,000,000' }[settings.scale]
  const manifest = await step(`Generating a legacy database with ${rows} metric values`, () => prepare(settings, url))
  await mkdir(settings.out, { recursive: true })
  await writeFile(join(settings.out, 'manifest.json'), JSON.stringify(manifest, null, 2))

  if (givenTokenKey === undefined) console.log('The tokens are encrypted with a key that is made now and kept nowhere.')
  const allow = ['merges-rows', 'runs-javascript'].flatMap((hazard) => ['--allow', hazard])
  const planned = await drover(url, 'plan', 'migration.ts', '--summary')
  if (planned !== 0) return planned
  const run = await drover(url, 'run', 'migration.ts', ...allow, ...settings.runFlags)
  // 3: done, with quarantined rows. The generator planted them, and the manifest names each.
  if (run !== 0 && run !== 3) return run
  const verified = await drover(url, 'verify')
  if (verified !== 0) return verified
  for (const format of ['json', 'markdown']) {
    const file = join(settings.out, format === 'json' ? 'report.json' : 'report.md')
    const reported = await drover(url, 'report', '--format', format, '--out', file)
    if (reported !== 0) return reported
  }
  const differences = await withClient(url, (client) =>
    compareWithManifest(async (text, values) => (await client.query(text, values as unknown[])).rows, manifest),
  )
  await drover(url, 'status')
  console.log(
    differences.length === 0
      ? '\nEvery row has the outcome that the manifest names for it.'
      : `\nDifferences from the manifest:\n${differences.map((difference) => `  - ${difference}`).join('\n')}`,
  )
  console.log(`Report: ${relative(startedIn, join(settings.out, 'report.md'))} (and report.json, manifest.json)`)
  return differences.length === 0 ? 0 : 1
}

async function prepare(settings: Settings, url: string): Promise<Manifest> {
  return withClient(url, async (client) => {
    await requireEmpty(client)
    await createSchemas(client)
    const { scale, seed } = settings
    return generate(async (text) => (await client.query(text)).rows ?? [], { scale, seed, foreignKeys: 'loose' })
  })
}

async function requireEmpty(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    `select nspname as schema from pg_namespace where nspname in ('auth', 'drover', 'legacy', 'migration_input') order by 1`,
  )
  if (rows.length === 0) return
  const schemas = rows.map(({ schema }) => schema).join(', ')
  throw new Error(`The database already has the schemas ${schemas}. Give the demo an empty one: create database demo.`)
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  process.stdout.write(`${what} … `)
  const result = await work()
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`)
  return result
}

/** Runs a command of drover as a user would and returns its exit code. The address travels in the environment. */
function drover(url: string, ...args: readonly string[]): Promise<number> {
  console.log(`\n$ drover ${args.join(' ')}`)
  const command = fileURLToPath(import.meta.resolve('drover/cli'))
  const child = spawn(process.execPath, [...process.execArgv, command, ...args], {
    cwd: here,
    stdio: 'inherit',
    env: { ...process.env, DROVER_DATABASE_URL: url, DROVER_EXAMPLE_TOKEN_KEY: tokenKey },
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 130))
  })
}

function readSettings(): Settings | undefined {
  const { values } = parseArgs({
    options: {
      scale: { type: 'string', default: 's' },
      seed: { type: 'string', default: '1' },
      'database-url': { type: 'string' },
      workers: { type: 'string' },
      'chunk-rows': { type: 'string' },
      out: { type: 'string', default: '.drover/demo' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  if (values.scale !== 's' && values.scale !== 'm') throw new Error('--scale is s or m.')
  const flag = (name: 'workers' | 'chunk-rows') => (values[name] === undefined ? [] : [`--${name}`, values[name]])
  return {
    scale: values.scale,
    seed: Number(values.seed),
    databaseUrl: values['database-url'],
    runFlags: [...flag('workers'), ...flag('chunk-rows')],
    out: join(startedIn, values.out),
  }
}
