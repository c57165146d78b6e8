import type { Queryable } from '../db/connection.ts'
import type { QualifiedName } from '../sql/nodes.ts'
import type { Shape, Shapes, SourceType } from './shape.ts'
import { shapesQuery, typesQuery } from './shape-query.ts'

/** Reads what to make of tables, in the order in which they are asked for. One that is not there is left out. */
export async function readShapes(tx: Queryable, tables: readonly QualifiedName[]): Promise<Shapes> {
  const names = [tables.map(({ schema }) => schema), tables.map(({ name }) => name)]
  const read = async <T>(query: string) =>
    (await tx.query(query, names)).map(({ item }) => JSON.parse(String(item)) as T)
  const shapes = await read<Shape>(shapesQuery)
  const types = await read<SourceType>(typesQuery)
  return { tables: shapes, types: new Map(types.map((type) => [type.oid, type])) }
}
