import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { digest, ledgerAccount } from '../support/digest.ts'
import type { TestDatabase } from '../support/postgres.ts'
import type { Combination } from './points.ts'
import type { Trial } from './trial.ts'

/** The process that carries the subject out. */
export const runChild = fileURLToPath(new URL('./child.ts', import.meta.url))

/** How long a process may take, in milliseconds: a process that hangs is a failure. */
const longestMs = 60_000

/** What a run leaves behind: rows, the ledger's account, images, objects, and whether it is over. */
export async function resultOf(database: TestDatabase): Promise<unknown> {
  const [run] = await database.query('select array_agg(state) as states from drover.run')
  const [chunks] = await database.query(
    `select count(*) filter (where state <> 'done')::int as open, count(*) filter (where attempts > 1)::int as begun from drover.chunk`,
  )
  const images = await database.query('select id, value from drover.before_image_settings order by id')
  const notes = await database.query(
    'select mapping, code, column_name, source_key from drover.note order by 1, 2, 3, 4',
  )
  const crosswalks = await database.query(`
    select 'clinics' as mapping, source_key, disposition, id::text from drover.crosswalk_clinics
    union all select 'visits', source_key, disposition, id::text from drover.crosswalk_visits
    union all select 'people', source_key, disposition, id::text from drover.crosswalk_people
    union all select 'days', source_key, disposition, day::text from drover.crosswalk_days
    union all select 'settings', source_key, disposition, id::text from drover.crosswalk_settings
    order by 1, 2`)
  const objects = await database.query(`
    select relkind::text as kind, relname::text as name from pg_class
    where relnamespace::regnamespace::text in ('drover', 'old', 'new')
    union all select 'trigger', tgname::text from pg_trigger where not tgisinternal
    union all select 'constraint', conname::text from pg_constraint where connamespace::regnamespace::text in ('drover', 'old', 'new')
    order by 1, 2`)
  const target = await digest(database, ['new'])
  const ledger = await ledgerAccount(database)
  return { states: run!.states, open: chunks!.open, objects, images, notes, crosswalks, target, ledger }
}

/** The run of the subject, which must end as an undisturbed one has. */
export function runTrial(undisturbed: unknown): Trial {
  return { child: runChild, urlOf: ({ url }) => url, resultOf, expected: undisturbed }
}

/**
 * Starts the process of a trial, on which the fault strikes, then, where it was killed, another that nothing disturbs, and
 * compares what is there with what must be. Returns what is wrong, or undefined.
 */
export async function complaintOf(
  { child, urlOf, resultOf, expected }: Trial,
  database: TestDatabase,
  { point, fault }: Combination,
  restart?: () => Promise<void>,
): Promise<string | undefined> {
  const first = await carryOut(child, urlOf(database), [point.name, fault], restart)
  if (!first.output.includes('struck')) return `the fault did not strike, exit ${first.exit}: ${first.output}`
  // What passes by itself is no reason to fail: only a process that was killed is begun again.
  if (fault !== 'kill' && first.exit !== 0)
    return `the process did not get over it, exit ${first.exit}: ${first.output}`
  if (fault === 'kill') {
    if (first.exit === 0) return 'the process was not killed'
    const second = await carryOut(child, urlOf(database))
    if (second.exit !== 0) return `it was not taken up, exit ${second.exit}: ${second.output}`
  }
  const result = await resultOf(database)
  if (JSON.stringify(result) === JSON.stringify(expected)) return undefined
  return `another result than the one expected: ${JSON.stringify(result)}`
}

/** One process to its end. `restart` restarts the server when the process asks for it. */
export async function carryOut(
  child: string,
  url: string,
  words: readonly string[] = [],
  restart?: () => Promise<void>,
): Promise<{ readonly exit: number | null; readonly output: string }> {
  const started = spawn(process.execPath, ['--conditions=source', '--no-warnings', child, url, ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let output = ''
  let restarted: Promise<unknown> = Promise.resolve()
  for (const stream of [started.stdout, started.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (text.includes('restart\n')) restarted = restart!().then(() => started.stdin.write('restarted\n'))
    })
  }
  const timer = setTimeout(() => started.kill('SIGKILL'), longestMs)
  const [exit] = await once(started, 'close')
  clearTimeout(timer)
  await restarted
  return { exit: exit as number | null, output: output.trim() }
}

/** Copies of a database, made one after another: two copies of one template at once would wait for each other. */
export function copier(serverUrl: string, template: string): (name: string) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve()
  return (name) => {
    const copy = last.then(async () => {
      const client = new pg.Client({ connectionString: serverUrl })
      await client.connect()
      await client.query(`create database ${name} template ${template}`)
      // A copied sequence has numbers in hand that no WAL record covers: only what is drawn after a checkpoint outlives
      // a crash.
      await client.query('checkpoint')
      await client.end()
    })
    last = copy.catch(() => {})
    return copy
  }
}
