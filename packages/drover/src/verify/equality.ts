import { type Expression, type RawBuilder, sql } from 'kysely'
import { type Catalog, qualifiedName } from '../catalog/catalog.ts'
import type { Column } from '../catalog/table.ts'
import { expressionOf, identifier } from '../sql/nodes.ts'

/**
 * `left = right` in the equality of the column's own type. A type of an extension, such as citext, brings its own,
 * which the pinned `search_path` does not find: without its schema the server would compare the texts, and call a
 * foreign key broken that holds.
 */
export function equals(
  column: Column,
  catalog: Catalog,
  left: Expression<unknown>,
  right: Expression<unknown>,
): RawBuilder<boolean> {
  const schema = operatorSchema(column, catalog)
  if (schema === undefined) return sql<boolean>`${left} = ${right}`
  return sql<boolean>`${left} operator(${expressionOf(identifier(schema))}.=) ${right}`
}

/** Enums, arrays, ranges and composites compare by the server's own operators, in whatever schema they are. */
function operatorSchema(column: Column, catalog: Catalog): string | undefined {
  const isEnum = catalog.enums.some((type) => qualifiedName(type) === column.baseType)
  if (isEnum || (column.kind !== 'base' && column.kind !== 'domain') || column.baseType.endsWith('[]')) return undefined
  return catalog.extensions.find(({ schema }) => column.baseType.startsWith(qualifiedName({ schema, name: '' })))
    ?.schema
}
