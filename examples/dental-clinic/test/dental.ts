import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { digest } from '../../../packages/drover/test/support/digest.ts'
import { createDatabase, type TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { createSchemas } from '../database.ts'
import { generate } from '../generator/index.ts'
import type { Manifest } from '../generator/manifest.ts'

const here = fileURLToPath(new URL('..', import.meta.url))
const command = fileURLToPath(new URL('../../../packages/drover/src/cli/main.ts', import.meta.url))

/** The hazards of the reference migration. */
export const allow = ['merges-rows', 'runs-javascript'].flatMap((hazard) => ['--allow', hazard])

/** The schemas whose contents the migration is about. */
export const targetSchemas = ['auth', 'public']

/** The key under which the tests encrypt tokens. */
export const tokenKey = Buffer.alloc(32, 7)

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

/** A database in which the migration has been carried out. */
export async function migratedDatabase(): Promise<{ readonly database: TestDatabase; readonly manifest: Manifest }> {
  const { name, manifest } = await legacyTemplate()
  const database = await createDatabase(name)
  const { code, stderr } = await drover(database, 'run', 'migration.ts', ...allow)
  if (code !== 3) throw new Error(`drover run ended with ${code}: ${stderr}`)
  return { database, manifest }
}

/** What the target holds, except for ciphertexts: each has a nonce of its own. */
export async function targetDigest(database: TestDatabase): Promise<Readonly<Record<string, unknown>>> {
  // Times are part of what is hashed.
  await database.query(`set timezone = 'UTC'`)
  const credentials = await database.query(
    `select to_jsonb(c) - '{access_token_enc,refresh_token_enc}'::text[] as row from public.google_credentials as c order by id`,
  )
  return { ...(await digest(database, targetSchemas)), 'public.google_credentials': credentials }
}

/** Starts a command of drover in a process of its own. */
export function startDrover(database: TestDatabase, ...args: readonly string[]): ChildProcess {
  return startWithKey(tokenKey.toString('base64'), database, args)
}

/** The same under another key for tokens. */
export function startWithKey(key: string, database: TestDatabase, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--conditions=source', command, ...args], {
    cwd: here,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DROVER_EXAMPLE_TOKEN_KEY: key, DROVER_DATABASE_URL: database.url },
  })
}

/** Runs a command of drover to its end. */
export async function drover(database: TestDatabase, ...args: readonly string[]) {
  return ended(startDrover(database, ...args))
}

/** What a process wrote until it ended, and its exit code. */
export async function ended(child: ChildProcess) {
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
