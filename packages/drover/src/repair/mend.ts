import type { Queryable } from '../db/connection.ts'
import type { ServerError } from '../db/server-error.ts'
import { hasFixes } from '../ledger/repair-key.ts'
import { checkConstraintsAtOnce, type MappingPlan, type Plan } from '../plan/plan.ts'
import type { RowFunctions } from '../run/compute.ts'
import { mendMapping } from './mend-mapping.ts'
import type { MappingRepair } from './outcome.ts'
import { WaitingKeys } from './waiting-keys.ts'

/** What a repair works on, in one transaction. */
export interface Mending {
  readonly tx: Queryable
  readonly runId: string
  readonly plan: Plan
  readonly functions: RowFunctions
  /** Rows that the database refuses, by mapping and key: known from an attempt that was rolled back. */
  readonly refused: Refusals
  /** Looks for these rows instead of failing at the first. The transaction must be rolled back then. */
  readonly searches: boolean
  /** Whether foreign keys wait from the start: those of a table that was written to cannot be made to. */
  readonly waits: boolean
  readonly waitingKeys: WaitingKeys
}

/** What the database said of rows, by mapping and source key. */
export type Refusals = Map<string, Map<string, ServerError>>

/**
 * Carries the rows that `drover.repair_key` names through the plan again, and then whatever follows from that: the rows
 * that waited for them are tried, rows that are loaded follow to where their references lead now. Mapping by mapping in
 * the plan's order, until nothing moves any more.
 */
export async function mend(work: Omit<Mending, 'waitingKeys'>): Promise<readonly MappingRepair[]> {
  const waitingKeys = new WaitingKeys(work.tx)
  const mending: Mending = { ...work, waitingKeys }
  await work.tx.query(checkConstraintsAtOnce)
  if (work.waits) for (const { statements } of work.plan.mappings) await waitingKeys.wait(statements.repair.waitingKeys)
  const isFixed = await hasFixes(work.tx, work.plan.migration)
  const repairs = new Map<string, MappingRepair>()
  /** When a mapping's rows moved last, and when it was looked at last. */
  const movedAt = new Map<string, number>()
  const seenAt = new Map<string, number>()
  let time = 0
  for (let isMoving = true; isMoving; ) {
    isMoving = false
    for (const mapping of work.plan.mappings) {
      const seen = seenAt.get(mapping.name)
      const moved = parentsOf(mapping).filter((name) => (movedAt.get(name) ?? -1) >= (seen ?? 0))
      time += 1
      seenAt.set(mapping.name, time)
      const repair = await mendMapping(mending, mapping, { parents: moved, isFirst: seen === undefined && isFixed })
      if (repair === undefined) continue
      repairs.set(mapping.name, add(repairs.get(mapping.name), repair))
      if (!repair.isMoved) continue
      movedAt.set(mapping.name, time)
      isMoving = true
    }
  }
  await waitingKeys.enforce()
  const isTold = ({ tried, changed, withdrawn }: MappingRepair) => tried + changed + withdrawn > 0n
  return work.plan.mappings.flatMap(({ name }) => repairs.get(name) ?? []).filter(isTold)
}

function parentsOf({ name, dependsOn, statements }: MappingPlan): readonly string[] {
  const referred = statements.repair.dependents.map(({ mapping }) => mapping)
  return [...new Set([...dependsOn, ...referred])].filter((parent) => parent !== name)
}

function add(one: MappingRepair | undefined, other: MappingRepair): MappingRepair {
  const { mapping } = other
  const sum = (count: Exclude<keyof MappingRepair, 'mapping'>) => (one?.[count] ?? 0n) + other[count]
  return {
    mapping,
    tried: sum('tried'),
    loaded: sum('loaded'),
    merged: sum('merged'),
    matched: sum('matched'),
    excluded: sum('excluded'),
    quarantined: sum('quarantined'),
    changed: sum('changed'),
    withdrawn: sum('withdrawn'),
  }
}
