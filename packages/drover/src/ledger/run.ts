import type { Queryable, Row } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import type { Plan } from '../plan/plan.ts'
import { endStates, type RunState, statesBefore } from './state.ts'

/** What a run was started with; stored with it. */
export interface RunSettings {
  /** Source rows that one chunk takes. */
  readonly chunkRows: number
  /** Hazards that were allowed, by name. */
  readonly allowed: readonly string[]
}

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

/** Leaving one of these ends the work for now; a verdict on a loaded run does not move its end. */
const statesAtWork: readonly RunState[] = ['running', 'pausing', 'cancelling', 'rolling_back']

const runColumns = `id, migration, plan_hash, plan, settings, state, started_by, created_at, started_at, finished_at`

/** Writes a run and its steps, in state `planned`. */
export async function createRun(tx: Queryable, plan: Plan, settings: RunSettings): Promise<Run> {
  const [row] = await tx.query(
    `insert into drover.run (migration, plan_hash, plan, drover, settings, state)
values ($1, $2, $3, $4, $5, 'planned')
returning ${runColumns}`,
    [plan.migration, plan.hash, JSON.stringify(plan), plan.drover, JSON.stringify(settings)],
  )
  const run = readRun(row!)
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

/** The run of this migration that is not over, or undefined. Locks it against changes of state. */
export async function findLiveRun(tx: Queryable, migration: string): Promise<Run | undefined> {
  const rows = await tx.query(
    `select ${runColumns}
from drover.run
where migration = $1 and state <> all ($2)
for update`,
    [migration, endStates],
  )
  return rows.map(readRun)[0]
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
  throw new DroverError(
    'run-missing',
    id === undefined ? 'The ledger holds no run.' : `The ledger holds no run ${id}.`,
    {
      remedy: 'See the runs with drover status, or start one with drover run.',
    },
  )
}

/** A run without the plan that it follows. */
export type RunSummary = Omit<Run, 'plan' | 'settings'>

/** The newest runs of every migration, the newest first. */
export async function readRecentRuns(tx: Queryable, limit: number): Promise<readonly RunSummary[]> {
  const rows = await tx.query(
    `select id, migration, plan_hash, state, started_by, created_at, started_at, finished_at
from drover.run
order by id desc
limit $1`,
    [limit],
  )
  return rows.map((row) => ({
    id: row.id as string,
    migration: row.migration as string,
    planHash: row.plan_hash as string,
    state: row.state as RunState,
    startedBy: row.started_by as string,
    createdAt: row.created_at as string,
    startedAt: row.started_at as string | null,
    finishedAt: row.finished_at as string | null,
  }))
}

export async function readRunState(tx: Queryable, id: string): Promise<RunState> {
  const [row] = await tx.query('select state from drover.run where id = $1', [id])
  return row?.state as RunState
}

/**
 * Changes the state where the state machine allows it, and says whether it did: someone else may have been first.
 */
export async function changeState(tx: Queryable, id: string, to: RunState, cause: string): Promise<boolean> {
  const rows = await tx.query(
    `update drover.run
set state = $2,
  started_at = case when $2 = 'running' then coalesce(started_at, clock_timestamp()) else started_at end,
  finished_at = case
    when $2 = 'running' then null
    when state = any ($4) then clock_timestamp()
    else finished_at
  end
where id = $1 and state = any ($3)
returning id`,
    [id, to, statesBefore(to), statesAtWork],
  )
  if (rows.length > 0) await recordEvent(tx, id, `run ${to}`, { cause })
  return rows.length > 0
}

export async function recordEvent(
  tx: Queryable,
  runId: string | null,
  what: string,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await tx.query('insert into drover.event (run_id, what, detail) values ($1, $2, $3)', [
    runId,
    what,
    JSON.stringify(detail),
  ])
}

function readRun(row: Row): Run {
  return {
    id: row.id as string,
    migration: row.migration as string,
    planHash: row.plan_hash as string,
    plan: row.plan as Plan,
    settings: row.settings as RunSettings,
    state: row.state as RunState,
    startedBy: row.started_by as string,
    createdAt: row.created_at as string,
    startedAt: row.started_at as string | null,
    finishedAt: row.finished_at as string | null,
  }
}
