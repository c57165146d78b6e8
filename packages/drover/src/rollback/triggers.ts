import { sql } from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import type { Table, Trigger } from '../catalog/table.ts'
import type { RollbackHazard } from '../codes/hazards.ts'
import type { Database, Queryable } from '../db/connection.ts'
import { serverErrorOf } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { type AlteredObject, recordAltered } from '../ledger/altered-object.ts'
import type { TriggerMode } from '../ledger/rollback.ts'
import { freezeTrigger } from '../plan/plan.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'

/** A hazard of a rollback: the role may not keep triggers of the application from firing. */
export const restoreFiresTriggers = 'restore-fires-triggers' satisfies RollbackHazard

/** How triggers are kept from firing, and those that have to be switched off for it. */
export interface TriggerPlan {
  readonly mode: TriggerMode
  readonly off: readonly AlteredObject[]
}

/**
 * Whether the role may take the part of a replica, in which no trigger fires that was not made for it, and no foreign key
 * is checked. Asked by trying: services grant it in ways that no function of the server tells.
 */
export async function mayReplicate(db: Database): Promise<boolean> {
  try {
    await db.transaction((tx) => tx.query(`set local session_replication_role = 'replica'`))
    return true
  } catch (thrown) {
    if (serverErrorOf(thrown) === undefined) throw thrown
    return false
  }
}

/**
 * How to keep the triggers of the targets from firing. Those that fire all the same are switched off by their names, as
 * far as the role owns the tables.
 *
 * @throws DroverError `hazard-not-allowed` where some would fire and that is not allowed.
 */
export async function planTriggers(
  tx: Queryable,
  targets: readonly Table[],
  { replicates, allowed }: { readonly replicates: boolean; readonly allowed: readonly string[] },
): Promise<TriggerPlan> {
  const fires = ({ name, enabled }: Trigger) =>
    name !== freezeTrigger && (enabled === 'A' || enabled === (replicates ? 'R' : 'O'))
  const firing = targets.flatMap((table) =>
    table.triggers.filter((trigger) => fires(trigger) && !trigger.inherited).map((trigger) => ({ table, trigger })),
  )
  const owned = await ownedBy(tx, targets)
  const others = firing.filter(({ table }) => !owned.has(qualifiedName(table)))
  const mode = replicates ? 'replica role' : others.length > 0 ? 'fire' : 'disabled'
  const off = firing.filter(({ table }) => owned.has(qualifiedName(table)))
  if (others.length > 0 && !allowed.includes(restoreFiresTriggers)) {
    throw new DroverError('hazard-not-allowed', 'Triggers of the application would fire while rows are taken back.', {
      findings: others.map(
        ({ table, trigger }) => `${restoreFiresTriggers}: ${trigger.name} on ${qualifiedName(table)}`,
      ),
      why: 'the role may neither act as a replica nor alter those tables',
      remedy: `Connect as the owner, or see what those triggers do and add --allow ${restoreFiresTriggers}.`,
    })
  }
  return { mode, off: off.map(({ table, trigger }) => switchedOff(table, trigger)) }
}

/** Switches triggers off, each noted with what switches it on again. */
export async function switchOff(tx: Queryable, runId: string, triggers: readonly AlteredObject[]): Promise<void> {
  for (const trigger of triggers) {
    await recordAltered(tx, runId, trigger)
    const table = expressionOf(tableNode({ schema: trigger.schema, name: trigger.table }))
    const off = sql`alter table ${table} disable trigger ${expressionOf(identifier(trigger.name))}`
    await tx.query(compile(off.toOperationNode()))
  }
}

/** A trigger keeps how exactly it was enabled. */
const enabling = { O: 'enable', D: 'disable', R: 'enable replica', A: 'enable always' } as const

function switchedOff({ schema, name: table }: Table, { name, enabled }: Trigger): AlteredObject {
  const relation = expressionOf(tableNode({ schema, name: table }))
  const restore = sql`alter table ${relation} ${sql.raw(enabling[enabled])} trigger ${expressionOf(identifier(name))}`
  return { kind: 'trigger', schema, table, name, change: 'disabled', restore: compile(restore.toOperationNode()) }
}

async function ownedBy(tx: Queryable, tables: readonly Table[]): Promise<ReadonlySet<string>> {
  const rows = await tx.query(
    `select named.table_schema as schema, named.table_name as name
from unnest($1::text[], $2::text[]) as named (table_schema, table_name)
join pg_class c on c.oid = to_regclass(format('%I.%I', named.table_schema, named.table_name))
where pg_has_role(c.relowner, 'usage')`,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name)],
  )
  return new Set(rows.map((row) => qualifiedName(row as unknown as { schema: string; name: string })))
}
