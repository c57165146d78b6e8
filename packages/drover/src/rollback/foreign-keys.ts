import { type RawBuilder, sql } from 'kysely'
import { type Catalog, findTable, qualifiedName } from '../catalog/catalog.ts'
import type { ReferenceAction, Table } from '../catalog/table.ts'
import type { Plan } from '../plan/plan.ts'
import { columnOf, parseName } from '../sql/nodes.ts'
import { equals } from '../verify/equality.ts'

/** A foreign key, or a reference between targets that no constraint declares. */
export interface ForeignKey {
  /** The constraint's name; null where only the migration knows of the reference. */
  readonly name: string | null
  readonly child: Table
  readonly columns: readonly string[]
  readonly parent: Table
  /** The columns that are referred to, in the same order. */
  readonly referenced: readonly string[]
  readonly onDelete: ReferenceAction
  /** Those of its columns that can be null, and are not part of the child's key. */
  readonly nullable: readonly string[]
}

/** All foreign keys of a catalog, those of partitions once, with their parents. */
export function foreignKeysOf({ tables, ...catalog }: Catalog): readonly ForeignKey[] {
  return tables.flatMap((child) =>
    child.constraints.flatMap(({ name, columns, references, inherited }) => {
      if (references === undefined || inherited) return []
      const parent = findTable(
        { ...catalog, tables },
        qualifiedName({ schema: references.schema, name: references.table }),
      )
      if (parent === undefined) return []
      const { onDelete, columns: referenced } = references
      return [{ name, child, columns, parent, referenced, onDelete, nullable: nullableOf(child, columns) }]
    }),
  )
}

/** The foreign keys to a target, and the references to it that only the migration knows of. */
export function foreignKeysTo(
  { now, plan }: { readonly now: Catalog; readonly plan: Plan },
  parent: Table,
): readonly ForeignKey[] {
  const name = qualifiedName(parent)
  const declared = foreignKeysOf(now).filter((key) => qualifiedName(key.parent) === name)
  const isDeclared = (child: string, column: string) =>
    declared.some((key) => qualifiedName(key.child) === child && key.columns.includes(column))
  const undeclared = plan.mappings.flatMap(({ target, references }) =>
    references
      .filter(
        (reference) => reference.target === name && !isDeclared(qualifiedName(parseName(target)), reference.column),
      )
      .flatMap(({ column, key }) => {
        const child = findTable(now, qualifiedName(parseName(target)))
        if (child === undefined || !child.columns.some((each) => each.name === column)) return []
        const nullable = nullableOf(child, [column])
        return [
          { name: null, child, columns: [column], parent, referenced: [key], onDelete: 'no action', nullable } as const,
        ]
      }),
  )
  const distinct = new Map(undeclared.map((key) => [`${qualifiedName(key.child)} ${key.columns[0]}`, key]))
  return [...declared, ...distinct.values()]
}

/** Whether the row `child` refers to the row `parent` by the key. */
export function refersTo(now: Catalog, key: ForeignKey, child: string, parent: string): RawBuilder<unknown> {
  return sql.join(
    key.columns.map((name, i) => {
      const own = key.child.columns.find((each) => each.name === name)!
      const column = key.parent.columns.find((each) => each.name === key.referenced[i])!
      // What no constraint declares was cast when it was written: to a column of another type its text is the same.
      if (key.name === null && own.baseType !== column.baseType) {
        return sql`${columnOf(child, name)}::text = ${columnOf(parent, column.name)}::text`
      }
      return equals(column, now, columnOf(child, name), columnOf(parent, column.name))
    }),
    sql` and `,
  )
}

function nullableOf({ columns, primaryKey = [] }: Table, names: readonly string[]): readonly string[] {
  return names.filter(
    (name) => !primaryKey.includes(name) && columns.some((column) => column.name === name && !column.notNull),
  )
}
