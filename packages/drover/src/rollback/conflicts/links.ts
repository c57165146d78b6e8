import type { Catalog, Table } from '../../catalog/catalog.ts'
import { findTable, qualifiedName } from '../../catalog/catalog.ts'
import { type ForeignKey, foreignKeysOf, foreignKeysTo } from '../foreign-keys.ts'
import type { StepBack, Way } from '../way.ts'

/** A way by which rows refer to others. */
export interface Link {
  readonly key: ForeignKey
  /** The tables by which conflicts name the rows at both ends: those of a partition by that of the whole. */
  readonly child: Table
  readonly parent: Table
  /**
   * The columns that are emptied, or set to their defaults, where the row that is referred to goes; none where rows go
   * too.
   */
  readonly emptied: readonly string[]
}

/** All of them; those by which rows go with the row that they refer to stand first. */
export function linksOf(way: Way): readonly Link[] {
  const targets = new Map(way.steps.map(({ target }) => [qualifiedName(target), target]))
  const undeclared = [...targets.values()].flatMap((target) =>
    foreignKeysTo(way, target).filter(({ name }) => name === null),
  )
  const links = [...foreignKeysOf(way.now), ...undeclared].map((key) => ({
    key,
    child: wholeOf(way.now, key.child, targets),
    parent: wholeOf(way.now, key.parent, targets),
    emptied: emptiedColumns(key),
  }))
  return [...links.filter((link) => !empties(link)), ...links.filter(empties)]
}

/** Whether the row that refers can stay when the other goes. */
export function empties({ emptied }: Link): boolean {
  return emptied.length > 0
}

/** The relation that holds the rows of a step to which the link leads; undefined where it leads elsewhere. */
export function reachedBy({ now }: Way, { key }: Link, { target }: StepBack): Table | undefined {
  if (isPartOf(now, target, key.parent)) return target
  return isPartOf(now, key.parent, target) ? key.parent : undefined
}

/** The names of the constraints under which rows of `child` stay, and only their references are emptied. */
export function emptyingKeys(links: readonly Link[], child: Table): readonly string[] {
  return links.filter((link) => link.child === child && empties(link)).map(({ key }) => key.name!)
}

/** The target that the table is, or is a partition of; the outermost table where it is of no target. */
function wholeOf(now: Catalog, table: Table, targets: ReadonlyMap<string, Table>): Table {
  const parent = table.partitionOf === null ? undefined : findTable(now, table.partitionOf)
  return targets.get(qualifiedName(table)) ?? (parent === undefined ? table : wholeOf(now, parent, targets))
}

function isPartOf(now: Catalog, table: Table, whole: Table): boolean {
  if (table === whole) return true
  const parent = table.partitionOf === null ? undefined : findTable(now, table.partitionOf)
  return parent !== undefined && isPartOf(now, parent, whole)
}

function emptiedColumns({ name, child, columns, onDelete, nullable }: ForeignKey): readonly string[] {
  if (onDelete !== 'set null' && onDelete !== 'set default') return []
  const { definition } = child.constraints.find((constraint) => constraint.name === name)!
  // `on delete set null (a)`: from PostgreSQL 15 on, not all columns of the key need to be emptied.
  const listed = /ON DELETE SET (?:NULL|DEFAULT) \(((?:"(?:[^"]|"")*"|[^)"])*)\)/.exec(definition)?.[1]
  const isListed = (column: string) => listed === undefined || namesIn(listed).includes(column)
  const emptied = columns.filter(isListed)
  return emptied.every((column) => canBeEmptied(child, column, { onDelete, nullable })) ? emptied : []
}

function canBeEmptied(
  child: Table,
  column: string,
  { onDelete, nullable }: Pick<ForeignKey, 'onDelete' | 'nullable'>,
): boolean {
  if (nullable.includes(column)) return true
  const hasDefault = child.columns.some((each) => each.name === column && each.default !== null)
  return onDelete === 'set default' && hasDefault && !(child.primaryKey ?? []).includes(column)
}

function namesIn(list: string): readonly string[] {
  return [...list.matchAll(/"((?:[^"]|"")*)"|[^", ]+/g)].map(
    ([whole, quoted]) => quoted?.replaceAll('""', '"') ?? whole,
  )
}
