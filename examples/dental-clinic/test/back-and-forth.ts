import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { runScript } from '../../../packages/drover/test/rollback/run-script.ts'
import { withDatabase } from '../../../packages/drover/test/run/fixture.ts'
import type { TestDatabase } from '../../../packages/drover/test/support/connect.ts'
import { stateOf } from '../../../packages/drover/test/support/state.ts'
import { allow, drover, ended } from './command.ts'
import { targetDigest } from './outcome.ts'

/** What takes a run back: the command, or the script without drover. */
export type Means = 'drover' | 'script'

export interface BackAndForth {
  readonly loadSeconds: number
  readonly backSeconds: number
  readonly findings: readonly (readonly [what: string, holds: boolean])[]
}

/** Runs the migration, verifies it, takes it back, compares everything with the start, and runs it again. */
export async function backAndForth(database: TestDatabase, means: Means): Promise<BackAndForth> {
  const before = await everything(database)
  const [load, loadSeconds] = await timed(() => drover(database, 'run', 'migration.ts', ...allow))
  const loaded = await targetDigest(database)
  const verification = await drover(database, 'verify')
  const [back, backSeconds] = await timed(() => (means === 'drover' ? drover(database, 'rollback') : bySql(database)))
  const after = await everything(database)
  const [ledger] = await database.query(
    'select run.state, rollback.verdict from drover.run join drover.rollback on rollback.run_id = run.id',
  )
  const again = await drover(database, 'run', 'migration.ts', ...allow)
  const loadedAgain = await targetDigest(database)
  const findings: BackAndForth['findings'] = [
    [`${means}: the migration is loaded and verified`, load.code === 3 && verification.code === 0],
    [`${means}: it is taken back`, back.code === 0],
    [`${means}: every row of every schema is as it was`, isDeepStrictEqual(after.rows, before.rows)],
    [`${means}: the catalog is as it was`, isDeepStrictEqual(after.catalog, before.catalog)],
    [`${means}: the sequences stand where they stood`, isDeepStrictEqual(after.sequences, before.sequences)],
    [`${means}: the ledger says so`, isDeepStrictEqual(ledger, { state: 'rolled_back', verdict: 'pass' })],
    [`${means}: it runs again, to the same end`, again.code === 3 && isDeepStrictEqual(loadedAgain, loaded)],
  ]
  if (back.code !== 0) console.log(back.stdout, back.stderr)
  return { loadSeconds, backSeconds, findings }
}

function everything(database: TestDatabase) {
  return withDatabase(database.url, (db) => stateOf(database, db, ['legacy', 'migration_input', 'auth', 'public']))
}

/** By psql where it is installed, otherwise statement by statement. */
async function bySql(database: TestDatabase): ReturnType<typeof drover> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-back-'))
  try {
    const file = join(folder, 'back.sql')
    const made = await drover(database, 'reversal-script', '--out', file)
    if (made.code !== 0) return made
    if (spawnSync('psql', ['--version']).status === 0) {
      const words = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', file, database.url]
      return await ended(spawn('psql', words, { stdio: ['ignore', 'pipe', 'pipe'] }))
    }
    const told = await runScript(database.url, await readFile(file, 'utf8'))
    return { code: 0, stdout: told.join('\n'), stderr: '' }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const started = performance.now()
  const result = await work()
  return [result, (performance.now() - started) / 1000]
}
