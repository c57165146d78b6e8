import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { readPurgedRuns } from '../ledger/purge.ts'
import type { RunSummary } from '../ledger/run.ts'
import { type RunState, stateWords } from '../ledger/state.ts'

/** A run as a purge looks at it. */
export interface EndedRun extends Pick<RunSummary, 'id' | 'migration' | 'state' | 'planHash'> {
  /** When it was finalized or rolled back; null where it can still be taken back. */
  readonly endedAt: string | null
  readonly isOld: boolean
  readonly isPurged: boolean
}

/** States in which a run is over for good: it can be neither taken back nor mended. */
const finalStates: readonly RunState[] = ['finalized', 'rolled_back']

/** All runs, the oldest first. `seconds`: a run is old where it ended that long ago. */
export async function readEndedRuns(tx: Queryable, seconds: number): Promise<readonly EndedRun[]> {
  const purged = await readPurgedRuns(tx)
  const rows = await tx.query(
    `select id, migration, state, plan_hash, ended_at,
  coalesce(ended_at <= clock_timestamp() - make_interval(secs => $2::float8), false) as is_old
from (
  select run.id, run.migration, run.state, run.plan_hash, case when run.state = any ($1) then coalesce((
    select max(event.at)
    from drover.event
    where event.run_id = run.id and event.what = 'run ' || run.state
  ), run.finished_at, run.created_at) end as ended_at
  from drover.run
) as ended
order by id`,
    [finalStates, seconds],
  )
  return rows.map((row) => ({
    id: row.id as string,
    migration: row.migration as string,
    state: row.state as RunState,
    planHash: row.plan_hash as string,
    endedAt: row.ended_at as string | null,
    isOld: row.is_old as boolean,
    isPurged: purged.has(row.id as string),
  }))
}

/**
 * Of a run that was named: that it may be purged.
 *
 * @throws DroverError `state-refused` where it can still be taken back, or has not ended that long ago; `run-purged`.
 */
export function requirePurgeable({ id, state, endedAt, isOld, isPurged }: EndedRun): void {
  if (isPurged) {
    throw new DroverError('run-purged', `Run ${id} was purged already.`, {
      remedy: `drover report --run ${id} says when, and by whom.`,
    })
  }
  requireFinal({ id, state })
  if (!isOld) {
    throw new DroverError('state-refused', `Run ${id} ended on ${endedAt!.slice(0, 10)}, which is not that long ago.`, {
      remedy: 'Give a shorter time with --older-than; 0d means any.',
    })
  }
}

/** @throws DroverError `state-refused` where the run can still be taken back. */
export function requireFinal({ id, state }: Pick<EndedRun, 'id' | 'state'>): void {
  if (finalStates.includes(state)) return
  throw new DroverError('state-refused', `Run ${id} is ${stateWords(state)} and can still be taken back.`, {
    why: 'what a purge takes is what the way back needs',
    remedy: `End it for good first: ${waysToEnd(id, state)}.`,
  })
}

/** The commands that end a run for good from its state. */
export function waysToEnd(id: string, state: RunState): string {
  const back = `drover rollback --run ${id}`
  return state === 'loaded' || state === 'verified' ? `drover finalize --run ${id}, or ${back}` : back
}
