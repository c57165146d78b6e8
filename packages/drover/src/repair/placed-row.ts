import { type Expression, sql } from 'kysely'
import { findTable } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { sourceKey } from '../define/reference.ts'
import { DroverError } from '../error.ts'
import type { Run } from '../ledger/run.ts'
import type { MappingPlan } from '../plan/plan.ts'
import { castType } from '../plan/type-name.ts'
import type { NamedRow } from './named-rows.ts'
import { isSelected, repairStatement } from './selected.ts'

/** A row of the source by its table and its primary key. */
export interface PlacedRow {
  /** As `schema.name`. */
  readonly relation: string
  /** The primary key as one text, as `drover.overlay` has it. */
  readonly rowKey: string
}

/**
 * Where a quarantined row stands in the source.
 *
 * @throws DroverError `fix-refused` where it is no row of one table with a primary key.
 */
export async function placeRow(tx: Queryable, run: Run, { mapping: name, key }: NamedRow): Promise<PlacedRow> {
  const mapping = run.plan.mappings.find((candidate) => candidate.name === name)!
  const { origin } = mapping
  if (origin === null) {
    throw new DroverError('fix-refused', `Rows of mapping ${name} cannot be fixed.`, {
      where: `mapping ${name}, source key ${key}`,
      why: whyUnplaced(mapping),
      remedy: 'Correct the rows where they stand, then retry.',
    })
  }
  if (origin.sharesKey) return { relation: origin.relation, rowKey: key }
  const table = findTable(run.plan.catalog, origin.relation)!
  const [row] = await tx.query(
    repairStatement(
      run.id,
      `${name} quarantine fix`,
      sql`select ${keyInOriginal(table)} as row_key
from drover.quarantine
where ${isSelected(run.id, { mapping: name, keys: [key] })}`,
    ),
  )
  if (row?.row_key) return { relation: origin.relation, rowKey: row.row_key as string }
  throw new DroverError('fix-refused', `Row ${key} of mapping ${name} cannot be fixed.`, {
    where: `mapping ${name}, source key ${key}`,
    why: `its key is not the primary key of ${origin.relation}, and the ledger does not tell that one`,
    remedy: 'Correct the row where it stands.',
  })
}

/** Why no row of a mapping can be fixed; of one whose rows are none of one table with a primary key. */
export function whyUnplaced({ kind, source, target }: MappingPlan): string {
  if (kind === 'evolve') return `it updates the rows of ${target} in place`
  if (source === 'query') return 'its rows are made by a query, and are none of a single table'
  return `${source} has no primary key`
}

/** The primary key of a quarantined row, from its original, as one text. */
export function keyInOriginal(table: Table): Expression<unknown> {
  return sourceKey(
    table.primaryKey!.map((column) => {
      const { baseType } = table.columns.find((candidate) => candidate.name === column)!
      // Through its own type: jsonb writes some values otherwise than a cast to text does.
      return sql`(quarantine.original ->> ${sql.lit(column)})::${sql.raw(castType(baseType))}`
    }),
  )
}
