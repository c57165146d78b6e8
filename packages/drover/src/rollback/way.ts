import { type Catalog, findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import type { Run } from '../ledger/run.ts'
import { readWholeCatalog } from '../ledger/whole-catalog.ts'
import { ledgerSchema, ledgerTables, type MappingPlan, type Plan } from '../plan/plan.ts'
import { parseName, type QualifiedName } from '../sql/nodes.ts'

/** What there is to take back: the run, what it began, and the database as it is now. */
export interface Way {
  readonly runId: string
  readonly plan: Plan
  /** The mappings that the run has begun, the newest first. */
  readonly steps: readonly StepBack[]
  /** All schemas but the server's own and the ledger, as they are now: anything may refer to what was loaded. */
  readonly now: Catalog
}

/** One mapping that the run has begun. */
export interface StepBack {
  readonly mapping: MappingPlan
  /** The target as it is now. */
  readonly target: Table
  /** How many blocks the crosswalk and the before-images have; null where there is no such table. */
  readonly crosswalkBlocks: number | null
  readonly imageBlocks: number | null
  readonly isDone: boolean
}

/**
 * @throws DroverError `plan-stale` where a target, or a column of it that the rollback needs, is gone.
 */
export async function readWay(tx: Queryable, { id, plan }: Pick<Run, 'id' | 'plan'>): Promise<Way> {
  const now = await readWholeCatalog(tx, await readSchemaNames(tx))
  const begun = await tx.query(
    `select mapping, state
from drover.step
where run_id = $1 and state <> 'waiting'
  -- A later run that has begun the mapping has found nothing of this one, and has its tables.
  and not exists (
    select from drover.step as later
    where later.mapping = step.mapping and later.run_id > $1 and later.state <> 'waiting'
  )
order by position desc`,
    [id],
  )
  const missing: string[] = []
  const steps: StepBack[] = []
  for (const { mapping: name, state } of begun) {
    const mapping = plan.mappings.find((candidate) => candidate.name === name)!
    const target = findTable(now, qualifiedName(parseName(mapping.target)))
    missing.push(...missingOf(mapping, plan, target))
    if (target === undefined) continue
    steps.push({
      mapping,
      target,
      crosswalkBlocks: await blocksOf(tx, ledgerTables.crosswalk(mapping.name)),
      imageBlocks: await blocksOf(tx, ledgerTables.images(mapping.name)),
      isDone: state === 'done',
    })
  }
  if (missing.length === 0) return { runId: id, plan, steps, now }
  throw new DroverError('plan-stale', 'What the run wrote to is no longer there.', {
    findings: missing,
    remedy: 'Bring it back, at least for the rollback. Nothing was changed.',
  })
}

/** The schemas of the database but the server's own and the ledger. */
export async function readSchemaNames(tx: Queryable): Promise<readonly string[]> {
  const rows = await tx.query(
    `select nspname as name from pg_namespace
where nspname !~ '^pg_' and nspname not in ('information_schema', $1)
order by nspname`,
    [ledgerSchema],
  )
  return rows.map(({ name }) => name as string)
}

/** What is gone of that which the rollback of a mapping needs. */
export function missingOf(mapping: MappingPlan, plan: Plan, target: Table | undefined): readonly string[] {
  if (target === undefined) return [`table ${mapping.target} is gone`]
  const planned = findTable(plan.catalog, qualifiedName(parseName(mapping.target)))!
  const needed = mapping.statements.createImages === null ? mapping.targetKey : planned.columns.map(({ name }) => name)
  return needed
    .filter((name) => !target.columns.some((column) => column.name === name))
    .map((name) => `column ${name} of ${mapping.target} is gone`)
}

async function blocksOf(tx: Queryable, { schema, name }: QualifiedName): Promise<number | null> {
  const [row] = await tx.query(
    `select (pg_relation_size(to_regclass(format('%I.%I', $1::text, $2::text))) / current_setting('block_size')::int)::integer as blocks`,
    [schema, name],
  )
  return row?.blocks as number | null
}
