import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { dropHeldTables, type Holder, readHolders } from '../ledger/holder.ts'
import type { Run } from '../ledger/run.ts'
import { isAllowed, stateWords } from '../ledger/state.ts'
import type { Plan } from '../plan/plan.ts'

/**
 * Makes room for a new run of the plan: drops what runs that were cancelled before they wrote to a target, or were taken
 * back, have left in the ledger's schema. The caller has made sure that no run of the migration is live, and that no other
 * starts meanwhile.
 *
 * @throws DroverError `state-refused` where an earlier run of the migration has left rows in a target, `mapping-taken`
 * where another migration's run holds the name of a mapping.
 */
export async function makeRoom(tx: Queryable, plan: Plan): Promise<void> {
  const names = namesOf(plan)
  const isOwn = ({ migration }: Holder) => migration === plan.migration
  const holders = await readHolders(tx, plan.migration, names)
  const relevant = holders.filter((holder) => isOwn(holder) || names.includes(holder.mapping))
  const left = relevant.filter((holder) => !isOver(holder) || hasWritten(holder))
  requireTakenBack(plan, left.filter(isOwn))
  requireFree(left.filter((holder) => !isOwn(holder)))
  for (const holder of relevant) await dropHeldTables(tx, holder)
}

/** What helps where a live run of the migration follows another plan. */
export async function wayOut(tx: Queryable, live: Run): Promise<string> {
  const holders = await readHolders(tx, live.migration, namesOf(live.plan))
  const written = holders.filter((holder) => holder.runId === live.id && hasWritten(holder))
  if (!isAllowed(live.state, 'cancelling')) {
    return `Take it back before another plan runs: drover rollback --run ${live.id}.`
  }
  const cancel = `drover cancel --run ${live.id}`
  if (written.length === 0) return `It has loaded nothing: end it with ${cancel}, then run this plan.`
  return `Finish that run with the migration it was started with; or take back what it has loaded with drover rollback --run ${live.id}.`
}

function namesOf({ mappings }: Plan): readonly string[] {
  return mappings.map(({ name }) => name)
}

/** Whether the run has given its tables up, unless they lead to rows that it has written. */
function isOver({ state, tables }: Holder): boolean {
  // Without its crosswalk a run that is final leads nowhere: what is left of its work serves nobody.
  return state === 'cancelled' || state === 'rolled_back' || (state === 'finalized' && !tables.includes('crosswalk'))
}

function hasWritten({ state, loaded, changed }: Holder): boolean {
  return state !== 'rolled_back' && (loaded || changed)
}

/** What helps against what an earlier run has left. */
function takenBack({ runId, state }: Holder): string {
  if (state !== 'finalized') return `Take it back before the migration runs again: drover rollback --run ${runId}.`
  return `It is final. Give the migration and its mappings other names to run them beside it.`
}

function requireTakenBack({ migration }: Plan, left: readonly Holder[]): void {
  const [newest] = left.toSorted((a, b) => Number(BigInt(b.runId) - BigInt(a.runId)))
  if (newest === undefined) return
  throw new DroverError(
    'state-refused',
    `Run ${newest.runId} of ${migration} is ${stateWords(newest.state)}, and what it loaded is still there.`,
    {
      where: place(left.map(({ mapping }) => mapping)),
      remedy: takenBack(newest),
    },
  )
}

function requireFree(taken: readonly Holder[]): void {
  const [first, ...others] = taken
  if (first === undefined) return
  const remedy = `Rename ${others.length === 0 ? 'the mapping' : 'these mappings'}: the ledger names its tables by the mapping, and one database has one ledger.`
  const holder = ({ runId, migration }: Holder) => `run ${runId} of migration ${migration}`
  if (others.length === 0) {
    throw new DroverError('mapping-taken', `The name of mapping ${first.mapping} is taken by ${holder(first)}.`, {
      remedy,
    })
  }
  throw new DroverError('mapping-taken', `The names of ${taken.length} mappings are taken by other migrations.`, {
    findings: taken.map((each) => `mapping ${each.mapping}: ${holder(each)}`),
    remedy,
  })
}

function place(mappings: readonly string[]): string {
  return `${mappings.length === 1 ? 'mapping' : 'mappings'} ${mappings.join(', ')}`
}
