import { type Catalog, findTable, qualifiedName } from '../catalog/catalog.ts'
import { isColocated } from '../catalog/distribution.ts'
import type { Constraint, Table } from '../catalog/table.ts'
import type { MappingDefinition } from '../define/mapping.ts'
import { readsDeferred } from './late.ts'
import type { TransformContext } from './transform.ts'

/**
 * What a cluster demands of a target and of the mapping that fills it; what does not fit is complained of, each a sentence
 * with its remedy. Nothing where the table is one of this server alone and refers to such tables.
 *
 * The rules are those that Citus 12 documents for distributed tables; none of them was tried on a cluster.
 */
export function checkDistribution(
  mapping: MappingDefinition,
  target: Table,
  { catalog, deferred, complain }: Pick<TransformContext, 'catalog' | 'deferred' | 'complain'>,
): void {
  const column = target.distribution?.column ?? null
  if (column !== null) {
    checkColumn(mapping, target, column, complain)
    if (readsDeferred(mapping.columns[column], deferred)) {
      complain(
        `column ${column} of ${mapping.to}, by which its rows are distributed, closes a circle of references and would be filled after the load, when a row cannot move any more. Make it of something that is known before: from the source, or by a reference that closes no circle.`,
      )
    }
    checkKeys(target, column, complain)
  }
  for (const constraint of target.constraints) {
    const refusal = refusedReference(target, constraint, catalog)
    if (refusal !== undefined) complain(refusal)
  }
}

function checkColumn(mapping: MappingDefinition, target: Table, name: string, complain: (what: string) => void): void {
  const isMapped = Object.hasOwn(mapping.columns, name)
  const what = `column ${name} of ${mapping.to}, by which its rows are distributed,`
  if (mapping.kind === 'evolve') {
    if (isMapped)
      complain(`${what} cannot evolve: a row cannot move. Leave it out, and load the rows into a new table.`)
    return
  }
  if (!isMapped) complain(`${what} is not mapped, so that nothing says where a row lies. Map it.`)
  if (mapping.match?.update.includes(name)) {
    complain(`${what} cannot be updated by match: a row cannot move. Leave it out of \`update\`.`)
  }
  if (target.columns.some((column) => column.name === name && !column.notNull)) {
    complain(
      `${what} may be null, and no node takes such a row. Say so in the database: alter table ${mapping.to} alter column ${name} set not null.`,
    )
  }
}

/** A key over shards is kept by each of them for itself. */
function checkKeys(target: Table, column: string, complain: (what: string) => void): void {
  for (const index of target.indexes) {
    if (!index.unique || index.columns.includes(column)) continue
    complain(
      `${index.primary ? 'the primary key' : 'the unique index'} ${index.name} of ${qualifiedName(target)} does not contain ${column}, by which its rows are distributed: no node could keep it. Add the column to it.`,
    )
  }
}

/** Why a foreign key cannot be kept by the nodes; undefined where it can, or where the catalog does not know its table. */
function refusedReference(
  target: Table,
  { name, columns, references }: Constraint,
  catalog: Catalog,
): string | undefined {
  if (references === undefined) return undefined
  const parentName = qualifiedName({ schema: references.schema, name: references.table })
  const parent = findTable(catalog, parentName)
  if (parent === undefined || parent === target) return undefined
  const [own, other] = [target.distribution, parent.distribution]
  const key = `the foreign key ${name} of ${qualifiedName(target)}`
  const isSpread = (each: typeof own) => each?.kind === 'distributed' || each?.kind === 'single shard'
  if (!isSpread(own)) {
    if (!isSpread(other)) return undefined
    return `${key} leads to ${parentName}, which is distributed, and its own table is not: no node holds both rows. Distribute it with the other, select create_distributed_table('${qualifiedName(target)}', …, colocate_with => '${parentName}'), or drop the key.`
  }
  if (other?.kind === 'reference') return undefined
  if (!isSpread(other)) {
    return `${key} leads to ${parentName}, which lies on one node only. Make it a reference table: select create_reference_table('${parentName}').`
  }
  if (!isColocated(own!, other!)) {
    return `${key} leads to ${parentName}, which is not distributed with it. Distribute both with one another (colocate_with), or make ${parentName} a reference table.`
  }
  const { column } = own!
  const position = column === null ? -1 : columns.indexOf(column)
  if (column === null || (position >= 0 && references.columns[position] === other!.column)) return undefined
  return `${key} does not lead from ${column} to ${other!.column}, by which the tables are distributed, so that the row it leads to may lie on another node. Add these columns to the key.`
}
