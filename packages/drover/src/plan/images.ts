import { type Expression, type RawBuilder, sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import type { Column } from '../catalog/table.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifierOf, tableNode } from '../sql/nodes.ts'
import { imageVersion, ledgerTables } from './plan.ts'
import { type MappingParts, rowNames } from './row.ts'
import { rowVersion } from './run-transactions.ts'

/** The columns of existing target rows that the mapping writes. */
export function updatedColumns({ mapping, targetColumns }: MappingParts): readonly Column[] {
  if (mapping.kind === 'evolve') return targetColumns
  return targetColumns.filter(({ name }) => mapping.match?.update.includes(name))
}

/** From this version on an update gives the rows as they were. */
const givesOldRows = 180_000

/** Writes the existing rows that would change, each kept as it was (I4): parts of a statement beside `s`. */
export function updatedCtes(parts: MappingParts): readonly RawBuilder<unknown>[] {
  if (updatedColumns(parts).length === 0) return []
  if (parts.context.catalog.serverVersion < givesOldRows) return [imagedFirst(parts), updatedAfter(parts)]
  const columns = parts.target.columns.map(({ name }) => name)
  const old = columns.map((name) => sql`${of('old', name)} as ${id(name)}`)
  return [
    sql`updated as (
  update ${targetOf(parts)} as existing
  set ${assignments(parts)}
  from s
  where ${isSameRow(parts, 'existing')} and ${of('s', rowNames.disposition)} = 'matched' and ${isChanged(parts)}
  returning ${sql.join([...old, sql`${rowVersion(parts.target, 'old')} as ${id(imageVersion)}`])}
)`,
    sql`imaged as (
  insert into ${imagesOf(parts)} (${sql.join([...columns, imageVersion].map(id))})
  select ${sql.join([...columns, imageVersion].map(id))}
  from updated
)`,
  ]
}

/**
 * Keeps the rows ahead of the update, where that cannot give them. The lock holds off every other writer until the update
 * beside it; a row that was changed since the statement began is read again, so that nobody's write is lost. Where rows
 * cannot be locked, {@link holdTarget} has locked the table before the statement began.
 */
function imagedFirst(parts: MappingParts): RawBuilder<unknown> {
  const columns = parts.target.columns.map(({ name }) => name)
  const version = rowVersion(parts.target, 'existing')
  const lock = capabilitiesOf(parts.target).locksRows
    ? sql`
  for no key update of existing`
    : sql``
  return sql`imaged as (
  insert into ${imagesOf(parts)} (${sql.join([...columns.map(id), id(imageVersion)])})
  select ${sql.join([...columns.map((name) => of('existing', name)), version])}
  from ${targetOf(parts)} as existing
  join s on ${isSameRow(parts, 'existing')}
  where ${of('s', rowNames.disposition)} = 'matched' and ${isChanged(parts)}${lock}
  returning ${sql.join(parts.targetKey.map(({ name }) => id(name)))}
)`
}

/**
 * Keeps others from writing to a table whose rows cannot be locked one by one, until the transaction ends: one chunk at
 * a time writes there. Citus takes the lock on every node that rows can be written by. Not tried on a cluster.
 */
export function holdTarget({ target }: Pick<MappingParts, 'target'>): string {
  return compile(sql`lock table ${expressionOf(tableNode(target))} in share row exclusive mode`.toOperationNode())
}

/** Whether chunks keep rows ahead of the update, and cannot lock them. */
export function holdsTarget(parts: MappingParts): boolean {
  return (
    updatedColumns(parts).length > 0 &&
    parts.context.catalog.serverVersion < givesOldRows &&
    !capabilitiesOf(parts.target).locksRows
  )
}

/** Writes the rows of which an image was kept, and no other. */
function updatedAfter(parts: MappingParts): RawBuilder<unknown> {
  const isImaged = parts.targetKey.map(({ name }) => sql`${of('imaged', name)} = ${of('existing', name)}`)
  return sql`updated as (
  update ${targetOf(parts)} as existing
  set ${assignments(parts)}
  from s, imaged
  where ${isSameRow(parts, 'existing')} and ${sql.join(isImaged, sql` and `)}
    and ${of('s', rowNames.disposition)} = 'matched'
  returning 1
)`
}

function assignments(parts: MappingParts): RawBuilder<unknown> {
  return sql.join(updatedColumns(parts).map(({ name }) => sql`${id(name)} = ${of('s', name)}`))
}

function isChanged(parts: MappingParts): RawBuilder<unknown> {
  const differs = updatedColumns(parts).map((column) =>
    isDistinct(column, sql`${of('existing', column.name)}`, sql`${of('s', column.name)}`),
  )
  return sql`(${sql.join(differs, sql` or `)})`
}

/**
 * The columns of the target without its constraints, defaults and generated values: a row is kept as it is read, with its
 * xmin. A repair writes rows that the run itself has made: by that they are told from those that stood before.
 */
export function createImages(parts: MappingParts): RawBuilder<unknown> {
  return sql`create table ${imagesOf(parts)} (like ${targetOf(parts)}, ${id(imageVersion)} bigint not null)`
}

/** One image for each row: the key proves it, and finds the image again. */
export function keyOfImages(parts: MappingParts): RawBuilder<unknown> {
  return sql`alter table ${imagesOf(parts)} add primary key (${sql.join(parts.targetKey.map(({ name }) => id(name)))})`
}

/** Types without an equality operator are compared as text. */
const incomparable = new Set(['json', 'xml', 'point', 'polygon', 'path', 'box', 'line', 'lseg', 'circle'])

/** Whether two values of the column's type differ; null equals null. */
export function isDistinct(
  { baseType }: Column,
  one: Expression<unknown>,
  other: Expression<unknown>,
): RawBuilder<unknown> {
  const cast = incomparable.has(baseType.replace(/\[\]$/, '')) ? sql`::text` : sql``
  return sql`(${one})${cast} is distinct from (${other})${cast}`
}

function isSameRow(parts: MappingParts, alias: string): RawBuilder<unknown> {
  return sql.join(
    parts.targetKey.map(({ name }) => sql`${of(alias, name)} = ${of('s', `${rowNames.existing}${name}`)}`),
    sql` and `,
  )
}

function imagesOf({ mapping }: MappingParts) {
  return expressionOf(tableNode(ledgerTables.images(mapping.name)))
}

function targetOf({ target }: MappingParts) {
  return expressionOf(tableNode(target))
}

function of(alias: string, column: string) {
  return expressionOf(columnNode(alias, column))
}

function id(name: string): Expression<unknown> {
  return identifierOf(name)
}
