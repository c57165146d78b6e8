import { sql } from 'kysely'
import type { Table } from '../catalog/table.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { copyQuery, type Ends } from './copy-rows.ts'
import { type Draw, isDrawn } from './draw.ts'

/**
 * Where the scratch database keeps which rows were drawn: a sample holds others too, because these refer to them, and
 * only the drawn ones stand for the rest. `unit`: the same for rows that fall together.
 */
const drawnKeys = { schema: 'drover_sample', name: 'drawn' } as const

/** Makes the table, empty. */
export async function createDrawnKeys({ to }: Pick<Ends, 'to'>): Promise<void> {
  await to.query(`create schema if not exists drover_sample`)
  await to.query(`drop table if exists drover_sample.drawn`)
  await to.query(`create table drover_sample.drawn (
  mapping text not null,
  source_key text collate "C" not null,
  unit int8 not null
)`)
}

/** Copies the keys of the rows that are drawn for a mapping. */
export async function copyDrawnKeys(ends: Ends, table: Table, draw: Draw, fraction: number): Promise<void> {
  const unit = expressionOf(draw.unit)
  const query = sql`select ${sql.lit(draw.mapping)}, ${expressionOf(draw.key)}, ${unit}
from ${expressionOf(tableNode(table))} as ${expressionOf(identifier(draw.alias))}
where ${isDrawn(unit, fraction)}`
  await copyQuery(
    ends,
    query,
    sql`${expressionOf(tableNode(drawnKeys))} (mapping, source_key, unit)`,
    `mapping ${draw.mapping}`,
  )
}
