import type { QualifiedName } from '../sql/nodes.ts'
import type { Shape, ShapeKey, Shapes } from './shape.ts'
import { comparedAs, goesInBinary, type NameOfType, typeText } from './type-text.ts'

/** A table of the source, and the one that it becomes here. */
export interface LandingTable {
  readonly source: QualifiedName
  readonly target: QualifiedName
  readonly definition: LandingDefinition
}

/** What is made of a table: it is kept in the ledger, and told from another one by it. */
export interface LandingDefinition {
  readonly columns: readonly LandingColumn[]
  readonly keys: readonly ShapeKey[]
  /** How its rows go over. */
  readonly format: 'binary' | 'text'
  /** The column by which it is spread over the nodes of a cluster; absent where it lies on the coordinator. */
  readonly distributedBy?: string
}

/** A column as it is made here. */
export interface LandingColumn {
  readonly name: string
  /** As SQL. */
  readonly type: string
  readonly collation: QualifiedName | null
  readonly notNull: boolean
  /** The type as which both sides compare it in binary, where its own bears another OID at each; null: its own. */
  readonly comparedAs: string | null
}

/** How types and collations of the source are called here. */
export interface Naming {
  readonly nameOf: NameOfType
  /** How a collation is called here; null where there is none of that name: the database's own takes its place. */
  readonly collationOf: (collation: QualifiedName) => QualifiedName | null
}

/** What becomes of a table under its name in the target. */
export function buildTable(
  shape: Shape,
  target: QualifiedName,
  types: Shapes['types'],
  { nameOf, collationOf }: Naming,
  distributedBy?: string,
): LandingTable {
  return {
    source: { schema: shape.schema, name: shape.name },
    target,
    definition: {
      columns: shape.columns.map((column) => {
        const type = typeText(column, types, nameOf)
        return {
          name: column.name,
          type,
          collation: column.collation && collationOf(column.collation),
          notNull: column.notNull,
          comparedAs: comparedAs(column, types, type),
        }
      }),
      keys: shape.keys,
      format: shape.columns.every((column) => goesInBinary(column, types)) ? 'binary' : 'text',
      ...(distributedBy === undefined ? {} : { distributedBy }),
    },
  }
}
