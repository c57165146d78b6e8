import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../../src/db/pg.ts'
import { rowFunctionsOf } from '../../src/define/migration.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { help } from '../../src/run/run.ts'
import { startRun } from '../../src/run/start.ts'
import type { TestDatabase } from '../support/connect.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import migration from './migration.ts'
import type { Host } from './network.ts'
import { type Program, startProgram } from './program.ts'

/** How many visits there are, and how many of them one chunk takes. */
const visits = 3_000
const rowsPerChunk = 60

/** The schemas and their rows. Chunks of the visits can be made to take their time, by host, in the server. */
export const schema = `
create schema old;
create table old.clinics (id text primary key, name text not null, status text not null, created_at timestamp not null);
create table old.visits (
  id text primary key, clinic_id text, number int not null, amount text not null, at timestamp not null, note text
);
insert into old.clinics
select 'c' || i, case when i % 10 = 0 then ' Clinic ' || (i - 1) else 'clinic ' || i end,
  case i % 3 when 0 then 'Active' when 1 then 'inactive' else '?' end, timestamp '2024-01-01' + i * interval '1 hour'
from generate_series(1, 30) as i;
insert into old.visits
select md5(i::text), case when i % 97 = 0 then 'gone' else 'c' || 1 + i % 30 end, i,
  case when i % 89 = 0 then 'free' else i || '.25' end, timestamp '2024-01-01' + i * interval '1 minute', null
from generate_series(1, ${visits}) as i;
create schema new;
create table new.clinics (id uuid primary key, name text not null, status text not null);
create table new.visits (
  id uuid primary key, clinic_id uuid not null references new.clinics, number int not null unique,
  amount numeric(12, 2) not null, shout text not null
);
create table new.letters (id uuid primary key, visit_id uuid not null references new.visits);
create table new.settings (id int primary key, value text not null);
insert into new.settings select i, ' value  ' || i from generate_series(1, 200) as i;
create schema hold;
create table hold.pause (host text primary key, seconds float8 not null);
create function hold.linger() returns trigger language plpgsql as $$
begin
  perform pg_sleep(pause.seconds)
  from hold.pause
  where starts_with(current_setting('application_name'), 'drover run 1 ' || pause.host || '.');
  return null;
end
$$;
create trigger linger before insert on new.visits for each statement execute function hold.linger();
analyze old.clinics, old.visits;
`

/** A run that hosts can work on. */
export interface Stage {
  readonly database: TestDatabase
  /** Starts `drover worker` on a host. */
  worker(host: Host, env?: Readonly<Record<string, string>>): Program
  /** Starts another command of drover on a host. */
  drover(host: Host, words: readonly string[], env?: Readonly<Record<string, string>>): Program
  /** Makes each chunk of visits that the host carries out take so many seconds in the server; 0 for no more. */
  linger(host: Host, seconds: number): Promise<void>
  /** Makes functions in JavaScript wait on the host, until they are let go. */
  holdFunctions(host: Host): Promise<void>
  releaseFunctions(host: Host): Promise<void>
  close(): Promise<void>
}

export interface StageOptions {
  readonly database: TestDatabase
  /** By which the hosts reach the database. */
  readonly url: string
  /** As in the config file of the workers. */
  readonly limits: { readonly silenceMs?: number; readonly idleMs?: number }
}

/** What the run leaves behind where this process carries it out alone. */
export async function resultAlone(database: TestDatabase): Promise<unknown> {
  await startPlannedRun(database)
  const db = await openDatabase(database.url)
  await help(db, '1', { functions: rowFunctionsOf(migration) })
  await db.close()
  return resultOf(database)
}

/** Starts a run that nobody works on yet. The database has {@link schema}. */
export async function setStage({ database, url, limits }: StageOptions): Promise<Stage> {
  await startPlannedRun(database)
  const folder = await mkdtemp(join(tmpdir(), 'drover-hosts-'))
  const config = join(folder, 'drover.config.mjs')
  await writeFile(config, `export default { limits: ${JSON.stringify(limits)} }\n`)
  const programs: Program[] = []
  const start = (host: Host, words: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const program = startProgram(host, [...words, '--config', config], {
      DATABASE_URL: url,
      HOLD_FOLDER: folder,
      ...env,
    })
    programs.push(program)
    return program
  }
  const file = new URL('./migration.ts', import.meta.url).pathname
  return {
    database,
    worker: (host, env) => start(host, ['worker', file, '--run', '1', '--workers', '2'], env),
    drover: start,
    async linger(host, seconds) {
      await database.query(
        'insert into hold.pause values ($1, $2) on conflict (host) do update set seconds = excluded.seconds',
        [host.name, seconds],
      )
    },
    holdFunctions: (host) => writeFile(join(folder, host.name), ''),
    releaseFunctions: (host) => rm(join(folder, host.name)),
    async close() {
      for (const program of programs) program.kill()
      await Promise.all(programs.map(({ ended }) => ended))
      await rm(folder, { recursive: true })
    },
  }
}

async function startPlannedRun({ url }: TestDatabase): Promise<void> {
  const db = await openDatabase(url)
  try {
    const catalog = await db.transaction((tx) => readWholeCatalog(tx, ['old', 'new']))
    await startRun(db, buildPlan(migration, catalog), { allowed: hazardNames, chunkRows: rowsPerChunk })
  } finally {
    await db.close()
  }
}

/** What the run leaves behind: state, rows, the ledger's account of them, and rows before they evolved. */
export async function resultOf(database: TestDatabase): Promise<unknown> {
  const [run] = await database.query('select state from drover.run')
  const [chunks] = await database.query(`select count(*)::int as open from drover.chunk where state <> 'done'`)
  const images = await database.query('select id, value from drover.before_image_settings order by id')
  const crosswalks = await database.query(`
    select 'clinics' as mapping, source_key, disposition, id::text from drover.crosswalk_clinics
    union all select 'visits', source_key, disposition, id::text from drover.crosswalk_visits
    union all select 'letters', source_key, disposition, id::text from drover.crosswalk_letters
    order by 1, 2`)
  const target = await digest(database, ['new'])
  return { ...run, ...chunks, images, crosswalks, target, ledger: await ledgerAccount(database) }
}

/** A transaction of a host's worker, as the server sees it. */
export interface Backend {
  readonly pid: number
  readonly state: string
  readonly waiting: string | null
}

/** The transactions that workers of a host have open. */
export function backendsOf(database: TestDatabase, { name }: Host): Promise<Backend[]> {
  return database.query<Backend & Record<string, unknown>>(
    `select pid, state, wait_event_type || ': ' || wait_event as waiting
from pg_stat_activity
where datname = current_database() and starts_with(application_name, 'drover run 1 ' || $1 || '.') and xact_start is not null`,
    [name],
  )
}

/** How many chunks each host has done, by its name. */
export async function chunksByHost(database: TestDatabase): Promise<Readonly<Record<string, number>>> {
  const rows = await database.query<{ host: string; chunks: number }>(`
    select split_part(worker, '.', 1) as host, count(*)::int as chunks
    from drover.chunk where state = 'done' group by 1 order by 1`)
  return Object.fromEntries(rows.map(({ host, chunks }) => [host, chunks]))
}

/** How long anything may take that one waits for, in milliseconds. */
const longestMs = 60_000

/** Waits until something is so, and returns how long that took, in milliseconds; `what` names it where it never is. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<number> {
  const startedAt = performance.now()
  while (!(await isSo())) {
    if (performance.now() - startedAt > longestMs) throw new Error(`Not within a minute: ${what}.`)
    await sleep(25)
  }
  return performance.now() - startedAt
}
