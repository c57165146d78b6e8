import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import { openDatabase } from '../db/pg.ts'
import { DroverError } from '../error.ts'
import { findRun, type Run } from '../ledger/run.ts'
import type { Disposition } from '../plan/disposition.ts'
import type { MappingPlan } from '../plan/plan.ts'
import { requireMapping } from '../repair/named-rows.ts'
import { compile } from '../sql/compile.ts'
import { columnOf } from '../sql/nodes.ts'
import { crosswalkOf } from '../verify/disposition.ts'
import type { Acceptance } from './acceptance.ts'
import type { TestDatabase } from './database.ts'

/** Where a run can be asked of: its database, or what `acceptance` returned. */
export type RunPlace<Names extends string> = Acceptance<Names> | TestDatabase

/** The source key of a row; of a key of several columns one value each, in the order of the mapping's `key`. */
export type SourceKey = string | number | bigint | readonly (string | number | bigint)[]

/** What became of a row of the source. */
export interface RowDisposition {
  readonly disposition: Disposition
  /**
   * Of a quarantined row its reasons, of another the corrections and notes that were logged of it; in order of their
   * names.
   */
  readonly codes: readonly string[]
  /** The primary key of the target row that stands for it, by column, as text; null where there is none. */
  readonly target: Readonly<Record<string, string>> | null
}

/**
 * What the last run in the database made of a row.
 *
 * @throws DroverError `usage-invalid` where the run has no such mapping, `row-missing` where the mapping read no such row,
 * `ledger-missing`, `run-missing`.
 */
export async function dispositionOf<Names extends string>(
  place: RunPlace<Names>,
  mapping: NoInfer<Names>,
  key: SourceKey,
): Promise<RowDisposition> {
  return withLastRun(place, async (tx, run) => (await readRow(tx, run, mapping, key)).disposition)
}

/** Hands over the last run of the database. */
export async function withLastRun<T>(
  place: RunPlace<string>,
  ask: (tx: Queryable, run: Run) => Promise<T>,
): Promise<T> {
  const { url } = 'database' in place ? place.database : place
  const db = await openDatabase(url, { connections: 1 })
  try {
    return await db.transaction(async (tx) => ask(tx, await findRun(tx, undefined)), { readOnly: true })
  } finally {
    await db.close()
  }
}

/** A row's disposition, and the mapping that read it. Throws as {@link dispositionOf}. */
export async function readRow(
  tx: Queryable,
  run: Run,
  name: string,
  key: SourceKey,
): Promise<{ readonly mapping: MappingPlan; readonly disposition: RowDisposition }> {
  requireMapping(run, name)
  const mapping = run.plan.mappings.find((candidate) => candidate.name === name)!
  const [row] = await tx.query(compile(rowQuery(run.id, mapping, key).toOperationNode()))
  if (row === undefined) {
    throw new DroverError('row-missing', `Mapping ${name} of run ${run.id} read no row ${printKey(key)}.`, {
      where: `mapping ${name}`,
      remedy: 'Give the source key, of several columns as a list: see what the mapping says under key.',
    })
  }
  const { disposition, codes, target } = row as { disposition: Disposition; codes: string; target: string }
  const isCarried = !['quarantined', 'excluded'].includes(disposition)
  return {
    mapping,
    disposition: { disposition, codes: JSON.parse(codes), target: isCarried ? JSON.parse(target) : null },
  }
}

function rowQuery(runId: string, mapping: MappingPlan, key: SourceKey) {
  const parts = (Array.isArray(key) ? key : [key]).map((part) => sql`${sql.lit(String(part))}::text`)
  // As the ledger writes keys of several columns.
  const text = Array.isArray(key) ? sql`json_build_array(${sql.join(parts)})::text` : parts[0]!
  const isRow = (table: string) =>
    sql`${sql.ref(table)}.run_id = ${sql.lit(runId)} and ${sql.ref(table)}.mapping = ${sql.lit(mapping.name)} and ${sql.ref(table)}.source_key = crosswalk.source_key`
  const target = mapping.targetKey.map(
    (column) => sql`${sql.lit(column)}::text, ${columnOf('crosswalk', column)}::text`,
  )
  return sql`/* drover testing row */
select crosswalk.disposition, json_build_object(${sql.join(target)})::text as target, (
  select coalesce(json_agg(distinct found.code order by found.code), '[]')::text
  from (
    select reason.value ->> 'code' as code
    from drover.quarantine
    cross join lateral jsonb_array_elements(quarantine.reasons) as reason
    where ${isRow('quarantine')}
    union all
    select correction.code
    from drover.correction
    where ${isRow('correction')} and crosswalk.disposition <> 'quarantined'
    union all
    select note.code
    from drover.note
    where ${isRow('note')} and crosswalk.disposition <> 'quarantined'
  ) as found
) as codes
from ${crosswalkOf(mapping)} as crosswalk
where crosswalk.source_key = ${text}`
}

/** A key as messages show it. */
export function printKey(key: SourceKey): string {
  return Array.isArray(key) ? key.join(', ') : String(key)
}
