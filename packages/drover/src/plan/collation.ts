import { type RawBuilder, sql } from 'kysely'
import { nameParts } from '../catalog/catalog.ts'
import type { Column } from '../catalog/table.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'

/** ` collate …` for what is to compare as the column does; nothing where that is the database's own way. */
export function collateAs({ collation }: Pick<Column, 'collation'>): RawBuilder<unknown> {
  if (collation === null || collation === 'default') return sql``
  const [first, second] = nameParts(collation)
  const name = second === undefined ? identifier(first!) : tableNode({ schema: first!, name: second })
  return sql` collate ${expressionOf(name)}`
}
