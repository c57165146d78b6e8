import type { Queryable } from '../db/connection.ts'
import { serverErrorOf } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { readAltered, recordAltered, restoreAltered } from '../ledger/altered-object.ts'
import { type NewRebuild, writeRebuilds } from '../ledger/rebuild.ts'
import type { Run } from '../ledger/run.ts'
import { type ChosenObject, chooseRebuilds, type TargetState } from '../plan/chosen-rebuilds.ts'
import { ledgerTables, type MappingPlan } from '../plan/plan.ts'
import type { RebuildPlan } from '../plan/rebuild-plan.ts'
import { compile } from '../sql/compile.ts'
import { parseName, tableNode } from '../sql/nodes.ts'

/**
 * Takes indexes and constraints off the targets that are empty, in the transaction that creates the run: what is off, and
 * what makes it again, is in the ledger with it. The tables are locked against everyone until it ends.
 */
export async function takeOff(tx: Queryable, { id, plan }: Run): Promise<void> {
  const states = new Map<string, TargetState>()
  for (const rebuild of plan.rebuilds) states.set(rebuild.table, await look(tx, rebuild))
  const chosen = chooseRebuilds(plan.rebuilds, states)
  await writeRebuilds(tx, id, [
    ...plan.mappings.map(crosswalkKey),
    ...plan.mappings.map(statistics),
    ...chosen.map(rebuildOf),
  ])
  // Foreign keys of all tables first: the keys that they lead to depend on them.
  const off = chosen.filter(({ why }) => why === null).toReversed()
  for (const { rebuild, object } of [...off.filter(isForeignKey), ...off.filter((each) => !isForeignKey(each))]) {
    const { schema, name: table } = parseName(rebuild.table)
    await recordAltered(tx, id, {
      kind: object.kind === 'index' ? 'index' : 'constraint',
      schema,
      table,
      name: object.name,
      change: 'dropped',
      restore: object.restore,
    })
    // A foreign key locks the table that it leads to as well.
    await lockAlone(tx, rebuild.table, object.drop)
  }
}

/** How long a table is waited for that others use, in milliseconds: whoever comes after waits as long. */
const lockMs = 5_000

/** @throws DroverError `target-busy` where others do not let go of the table in time. */
async function lockAlone(tx: Queryable, table: string, statement: string): Promise<void> {
  await tx.query(`set local lock_timeout = '${lockMs}ms'`)
  try {
    await tx.query(statement)
  } catch (thrown) {
    if (serverErrorOf(thrown)?.sqlstate !== '55P03') throw thrown
    throw new DroverError('target-busy', `Indexes and constraints could not be taken off ${table}: others use it.`, {
      where: `table ${table}`,
      why: `a transaction that reads or writes there, or in a table that its foreign keys lead to, did not end within ${lockMs / 1000} s`,
      remedy:
        "End it (see pg_stat_activity) and run again; or let them stay where they are with target: { indexes: 'keep' } in defineMigration.",
      cause: thrown,
    })
  }
}

/**
 * Makes again what a run has taken off, where it has loaded nothing into any of those tables. Where it has, its rows may
 * break what is off: then that waits until they are taken back.
 */
export async function putBackWhereEmpty(tx: Queryable, runId: string): Promise<void> {
  const off = (await readAltered(tx, runId)).filter(({ change }) => change === 'dropped')
  const tables = new Set(off.map(({ schema, table }) => compile(tableNode({ schema, name: table }))))
  for (const table of tables) if (!(await isEmpty(tx, table))) return
  for (const object of off) await restoreAltered(tx, object)
}

async function isEmpty(tx: Queryable, table: string): Promise<boolean> {
  return (await tx.query(`select from ${table} limit 1`)).length === 0
}

/** What the table is like; where it is empty, nobody else reads or writes it from now on. */
async function look(tx: Queryable, { table, objects }: RebuildPlan): Promise<TargetState> {
  const { schema, name } = parseName(table)
  const printed = compile(tableNode({ schema, name }))
  const led = [...new Set(objects.flatMap(({ references }) => (references === null ? [] : [references])))]
  const [row] = await tx.query(facts, [
    schema,
    name,
    led.map((each) => parseName(each).schema),
    led.map((each) => parseName(each).name),
  ])
  const { owned, published, refused } = row as { owned: boolean; published: boolean; refused: readonly string[] }
  const state = { isOwned: owned, isPublished: published, unreferable: refused }
  const seemsEmpty = await isEmpty(tx, printed)
  if (!owned || !seemsEmpty) return { ...state, isEmpty: seemsEmpty }
  await lockAlone(tx, table, `lock table ${printed} in access exclusive mode`)
  return { ...state, isEmpty: await isEmpty(tx, printed) }
}

/** `$1` schema, `$2` table, `$3` and `$4` schemas and names of the tables that its foreign keys lead to. */
const facts = `
select pg_has_role(c.relowner, 'usage') as owned,
  exists (
    select from pg_publication_tables p
    where p.schemaname = n.nspname and p.tablename = c.relname
  ) as published,
  coalesce((
    select json_agg(named.schema_name || '.' || named.table_name)
    from unnest($3::text[], $4::text[]) as named (schema_name, table_name)
    where not has_table_privilege(format('%I.%I', named.schema_name, named.table_name), 'references')
  ), '[]') as refused
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2`

function isForeignKey({ object }: ChosenObject): boolean {
  return object.kind === 'foreign key'
}

/** Made after the load like what was taken off: to keep it up row by row is as dear. */
function crosswalkKey({ name }: MappingPlan): NewRebuild {
  const { schema, name: table } = ledgerTables.crosswalk(name)
  return { schema, table, name, kind: 'crosswalk', state: 'off', why: null, loadedAfter: [name], closedAfter: [] }
}

/** Ahead of the indexes: while one is made, nobody can analyze the table. */
function statistics({ name, target }: MappingPlan): NewRebuild {
  const { schema, name: table } = parseName(target)
  return { schema, table, name, kind: 'statistics', state: 'off', why: null, loadedAfter: [name], closedAfter: [] }
}

function rebuildOf({ rebuild, object, why }: ChosenObject): NewRebuild {
  const { schema, name: table } = parseName(rebuild.table)
  return {
    schema,
    table,
    name: object.name,
    kind: object.kind,
    state: why === null ? 'off' : 'kept',
    why,
    loadedAfter: rebuild.mappings,
    closedAfter: object.kind === 'index' ? rebuild.settledAfter : [],
  }
}
