import type { EndHazard, RunHazard } from '../codes/hazards.ts'
import type { Database, Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { requireLedger } from '../ledger/install.ts'
import { type DroppedTable, dropTablesOf, type TableKind } from '../ledger/mapping-tables.ts'
import { stateRefused } from '../ledger/refused-state.ts'
import { readRehearsal } from '../ledger/rehearsal.ts'
import { changeState, findRun, type Run, recordEvent } from '../ledger/run.ts'

/** What may stand in the way of an end, and be allowed by name. */
export const finalizeHazards = ['unverified', 'unrehearsed'] as const satisfies readonly (RunHazard | EndHazard)[]

/** A hazard of giving up the way back. */
export type FinalizeHazard = (typeof finalizeHazards)[number]

/**
 * Tables that only the way back needs, or only the run did. `before-images`: rows as they were · `crosswalks`: which source
 * row became which target row · `working-tables`: stored queries, and what was resolved ahead of the load.
 */
export const droppables = ['before-images', 'crosswalks', 'working-tables'] as const

/** What can be dropped when a run is finalized. */
export type Droppable = (typeof droppables)[number]

/** What is allowed, and what goes. */
export interface FinalizeOptions {
  readonly allowed?: readonly FinalizeHazard[]
  /** Default none: everything stays. */
  readonly drop?: readonly Droppable[]
}

/** What went when the run was finalized. */
export interface FinalizeOutcome {
  readonly runId: string
  readonly dropped: readonly DroppedTable[]
}

/**
 * Ends a run for good: from now on it can be neither taken back nor mended. The evidence stays: plan, counts, chunks,
 * quarantine, corrections, merges, findings, events. Once its crosswalks are dropped, the names of its mappings are free.
 *
 * @throws DroverError `hazard-not-allowed` where the run is not verified, or no rehearsal took the plan back as it has
 * to be, and that is not allowed; `state-refused` where it is not loaded; `run-missing`, `ledger-missing`.
 */
export async function finalize(
  db: Database,
  id: string | undefined,
  { allowed = [], drop = [] }: FinalizeOptions = {},
): Promise<FinalizeOutcome> {
  return db.transaction(
    async (tx) => {
      await requireLedger(tx)
      const { id: runId } = await findRun(tx, id)
      await tx.query('select from drover.run where id = $1 for update', [runId])
      const run = await findRun(tx, runId)
      requireLoaded(run)
      const hazards = await hazardsOf(tx, run)
      requireAllowed(hazards, allowed)
      const dropped = await dropTables(tx, run, drop)
      await changeState(tx, runId, 'finalized', 'reversibility is given up')
      await recordEvent(tx, runId, 'run finalized', {
        allowed: hazards.map(({ name }) => name),
        dropped: dropped.map(({ table }) => table),
      })
      return { runId, dropped }
    },
    { name: 'finalize' },
  )
}

function requireLoaded(run: Run): void {
  if (run.state === 'loaded' || run.state === 'verified') return
  throw stateRefused(run, ' and cannot be finalized')
}

interface Hazard {
  readonly name: FinalizeHazard
  readonly why: string
  readonly remedy: string
}

async function hazardsOf(tx: Queryable, { id, state, planHash }: Run): Promise<readonly Hazard[]> {
  const rehearsal = await readRehearsal(tx, planHash)
  return [
    ...(state === 'verified'
      ? []
      : [{ name: 'unverified', why: `Run ${id} has no verification that passed.`, remedy: 'drover verify' } as const]),
    ...(rehearsal?.verdict === 'pass'
      ? []
      : [
          {
            name: 'unrehearsed',
            why:
              rehearsal === undefined
                ? 'Its plan was never rehearsed: nobody has seen it being taken back.'
                : 'The last rehearsal of its plan did not pass.',
            remedy: 'drover rehearse',
          } as const,
        ]),
  ]
}

function requireAllowed(hazards: readonly Hazard[], allowed: readonly FinalizeHazard[]): void {
  const refused = hazards.filter(({ name }) => !allowed.includes(name))
  if (refused.length === 0) return
  throw new DroverError('hazard-not-allowed', 'After this the run can no longer be taken back.', {
    findings: refused.map(({ name, why }) => `${name}: ${why}`),
    remedy: `See to it first with ${refused.map(({ remedy }) => remedy).join(' and ')}; or add ${refused
      .map(({ name }) => `--allow ${name}`)
      .join(' ')}.`,
  })
}

async function dropTables(
  tx: Queryable,
  { plan }: Run,
  drop: readonly Droppable[],
): Promise<FinalizeOutcome['dropped']> {
  const kinds: Readonly<Record<Droppable, readonly TableKind[]>> = {
    'before-images': ['images'],
    crosswalks: ['crosswalk'],
    'working-tables': ['resolution', 'source'],
  }
  return dropTablesOf(
    tx,
    plan.mappings.map(({ name }) => name),
    drop.flatMap((each) => kinds[each]),
  )
}
