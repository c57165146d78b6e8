import type { Queryable, Row } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { jsonPieces } from '../plan/json.ts'
import type { Plan } from '../plan/plan.ts'
import { endStates, type RunState, statesBefore } from './state.ts'

/** What a run was started with; stored with it. */
export interface RunSettings {
  /** Source rows that one chunk takes; null where it takes as many as fit into a time. */
  readonly chunkRows: number | null
  /** Rows of a mapping that the database may refuse before the run fails. */
  readonly maxQuarantined: QuarantineLimit
  /** Hazards that were allowed, by name. */
  readonly allowed: readonly string[]
  /** Of the process that began the run or took it up last; absent before it has, and of a run by an older drover. */
  readonly working?: WorkingSettings
  /** The version of drover of that process; absent as above. */
  readonly drover?: string
}

/** How a process works; sizes in bytes. */
export interface WorkingSettings {
  readonly workers: number
  readonly workMemBytes: number
  readonly maintenanceWorkMemBytes: number
  readonly parallelMaintenanceWorkers: number
  /** Whether its chunks were confirmed before they were on the disk. */
  readonly asyncCommit: boolean
  readonly mostBytesPerChunk: number
}

/** A number of rows, or a part of the mapping's source rows. */
export type QuarantineLimit = { readonly rows: number } | { readonly percent: number }

/** A run as the ledger holds it. */
export interface Run {
  /** An int8, as text. */
  readonly id: string
  readonly migration: string
  readonly planHash: string
  readonly plan: Plan
  readonly settings: RunSettings
  readonly state: RunState
  readonly startedBy: string
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
}

/** Leaving them ends the work for now; neither a verdict on a loaded run nor its rollback moves its end. */
export const statesAtWork: readonly RunState[] = ['running', 'pausing', 'cancelling']

const summaryColumns = 'id, migration, plan_hash, state, started_by, created_at, started_at, finished_at'
const runColumns = `${summaryColumns}, plan, settings`

/** Writes a run and its steps, in state `planned`. */
export async function createRun(tx: Queryable, plan: Plan, settings: RunSettings): Promise<Run> {
  const [row] = await tx.query(
    `insert into drover.run (migration, plan_hash, plan, drover, settings, state)
values ($1, $2, convert_from($3, 'UTF8')::jsonb, $4, $5, 'planned')
returning ${summaryColumns}`,
    [plan.migration, plan.hash, bytesOf(plan), plan.drover, JSON.stringify(settings)],
  )
  const run = { ...readSummary(row!), plan, settings }
  await tx.query(
    `insert into drover.step (run_id, position, mapping, depends_on)
select $1, position, mapping, array(select jsonb_array_elements_text(depends_on))
from jsonb_to_recordset($2) as step (position integer, mapping text, depends_on jsonb)`,
    [
      run.id,
      JSON.stringify(
        plan.mappings.map((mapping, i) => ({ position: i + 1, mapping: mapping.name, depends_on: mapping.dependsOn })),
      ),
    ],
  )
  await recordEvent(tx, run.id, 'run created', { plan: plan.hash, settings })
  return run
}

/** The plan as JSON. It takes megabytes: it is never one text, nor sent back by the server. */
function bytesOf(plan: Plan): Buffer {
  return Buffer.concat([...jsonPieces(plan)].map((piece) => Buffer.from(piece)))
}

/**
 * The run of this migration that is not over, or undefined. Locks it against changes of state; those who work on it, and
 * hold it against coming to rest, are not waited for.
 */
export async function findLiveRun(tx: Queryable, migration: string): Promise<Run | undefined> {
  const rows = await tx.query(
    `select ${runColumns}
from drover.run
where migration = $1 and state <> all ($2)
for no key update`,
    [migration, endStates],
  )
  return rows.map(readRun)[0]
}

/** Why a run has failed, as whoever made it fail has noted. */
export async function readFailure(
  tx: Queryable,
  id: string,
): Promise<{ readonly code?: string; readonly what: string; readonly where?: string; readonly why?: string }> {
  const rows = await tx.query(
    `select detail from drover.event where run_id = $1 and what = 'run failed' order by id desc limit 1`,
    [id],
  )
  return (rows[0]?.detail ?? { what: 'The run has failed.' }) as Awaited<ReturnType<typeof readFailure>>
}

/** A run by its id, or the newest one. */
export async function findRun(tx: Queryable, id: string | undefined): Promise<Run> {
  const rows = await tx.query(
    `select ${runColumns}
from drover.run
where $1::text is null or id::text = $1
order by id desc
limit 1`,
    [id ?? null],
  )
  const run = rows.map(readRun)[0]
  if (run !== undefined) return run
  throw runMissing(id)
}

function runMissing(id: string | undefined): DroverError {
  return new DroverError(
    'run-missing',
    id === undefined ? 'The ledger holds no run.' : `The ledger holds no run ${id}.`,
    {
      remedy: 'See the runs with drover status, or start one with drover run.',
    },
  )
}

/** A run without the plan that it follows. */
export type RunSummary = Omit<Run, 'plan' | 'settings'>

/** A run by its id, without its plan. Throws as {@link findRun}. */
export async function findRunSummary(tx: Queryable, id: string): Promise<RunSummary> {
  const rows = await tx.query(`select ${summaryColumns} from drover.run where id::text = $1`, [id])
  const run = rows.map(readSummary)[0]
  if (run !== undefined) return run
  throw runMissing(id)
}

/** The newest runs of every migration, the newest first. */
export async function readRecentRuns(tx: Queryable, limit: number): Promise<readonly RunSummary[]> {
  const rows = await tx.query(
    `select ${summaryColumns}
from drover.run
order by id desc
limit $1`,
    [limit],
  )
  return rows.map(readSummary)
}

/** The state of a run that exists. */
export async function readRunState(tx: Queryable, id: string): Promise<RunState> {
  const [row] = await tx.query('select state from drover.run where id = $1', [id])
  return row?.state as RunState
}

/**
 * Keeps the run from being paused, cancelled or ended by others until the transaction ends, and returns its state. It may
 * still be asked to pause: `for key share` holds off {@link lockAtRest} and nothing else.
 */
export async function holdRun(tx: Queryable, id: string): Promise<RunState> {
  await tx.query('select from drover.run where id = $1 for key share', [id])
  // Read after the lock, in a snapshot of its own: the one of the lock may be older than the state.
  return readRunState(tx, id)
}

/**
 * Locks the run where it was asked to pause or to cancel and nobody works on it any more: whoever does holds it. A worker
 * that died holds nothing.
 */
export async function lockAtRest(tx: Queryable, id: string): Promise<'pausing' | 'cancelling' | undefined> {
  const rows = await tx.query(
    `select state from drover.run where id = $1 and state in ('pausing', 'cancelling') for update skip locked`,
    [id],
  )
  return rows[0]?.state as 'pausing' | 'cancelling' | undefined
}

/** What the run goes by now: whoever resumes it may change the settings. */
export async function readSettings(tx: Queryable, id: string): Promise<RunSettings> {
  const [row] = await tx.query('select settings from drover.run where id = $1', [id])
  return row?.settings as RunSettings
}

/** Changes some settings of a run; the others stay. */
export async function changeSettings(tx: Queryable, id: string, settings: Partial<RunSettings>): Promise<void> {
  await tx.query('update drover.run set settings = settings || $2::jsonb where id = $1', [id, JSON.stringify(settings)])
}

/** `$1` run, `$2` state, `$3` those before it, `$4` {@link statesAtWork}. Returns no row where another state came first. */
export const stateStatement = `update drover.run
set state = $2,
  started_at = case when $2 = 'running' then coalesce(started_at, clock_timestamp()) else started_at end,
  finished_at = case
    when $2 = any ($4) then null
    when state = any ($4) then clock_timestamp()
    else finished_at
  end
where id = $1 and state = any ($3)
returning id`

/** `$1` run, `$2` what happened, `$3` details. */
export const eventStatement = 'insert into drover.event (run_id, what, detail) values ($1, $2, $3)'

/**
 * Changes the state where the state machine allows it, and says whether it did: someone else may have been first.
 */
export async function changeState(tx: Queryable, id: string, to: RunState, cause: string): Promise<boolean> {
  const rows = await tx.query(stateStatement, [id, to, statesBefore(to), statesAtWork])
  if (rows.length > 0) await recordEvent(tx, id, `run ${to}`, { cause })
  return rows.length > 0
}

/** Notes that something has happened, in a run or outside of one, with keys and never values (I8). */
export async function recordEvent(
  tx: Queryable,
  runId: string | null,
  what: string,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await tx.query(eventStatement, [runId, what, JSON.stringify(detail)])
}

function readRun(row: Row): Run {
  return { ...readSummary(row), plan: row.plan as Plan, settings: row.settings as RunSettings }
}

function readSummary(row: Row): RunSummary {
  return {
    id: row.id as string,
    migration: row.migration as string,
    planHash: row.plan_hash as string,
    state: row.state as RunState,
    startedBy: row.started_by as string,
    createdAt: row.created_at as string,
    startedAt: row.started_at as string | null,
    finishedAt: row.finished_at as string | null,
  }
}
