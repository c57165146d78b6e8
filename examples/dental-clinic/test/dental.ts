import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { createDatabase, type TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { createSchemas } from '../database.ts'
import { generate } from '../generator/index.ts'
import type { Manifest } from '../generator/manifest.ts'

const here = fileURLToPath(new URL('..', import.meta.url))
const command = fileURLToPath(new URL('../../../packages/drover/src/cli/main.ts', import.meta.url))

/** The hazards of the reference migration. */
export const allow = ['merges-rows', 'source-not-frozen'].flatMap((hazard) => ['--allow', hazard])

/** The schemas whose contents the migration is about. */
export const targetSchemas = ['auth', 'public']

/** A database that holds generated legacy data at scale S, to be copied: nobody stays connected to it. */
export async function legacyTemplate(seed = 1): Promise<{ readonly name: string; readonly manifest: Manifest }> {
  const database = await createDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await createSchemas(client)
  const manifest = await generate(async (text) => (await client.query(text)).rows ?? [], {
    scale: 's',
    seed,
    foreignKeys: 'loose',
  })
  await client.end()
  await database.disconnect()
  return { name: database.name, manifest }
}

/** Starts a command of drover in a process of its own. */
export function startDrover(database: TestDatabase, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--conditions=source', command, ...args], {
    cwd: here,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DROVER_DATABASE_URL: database.url },
  })
}

/** Runs a command of drover to its end. */
export async function drover(database: TestDatabase, ...args: readonly string[]) {
  const child = startDrover(database, ...args)
  let stdout = ''
  let stderr = ''
  child.stdout!.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr!.on('data', (chunk) => {
    stderr += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}
