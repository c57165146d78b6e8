import { findTable, isUniqueOn, qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import { parseName } from '../sql/nodes.ts'
import type { TransformContext } from './transform.ts'

/**
 * The target of another mapping and the column of it that references receive: of its primary key where that is read from
 * the crosswalk, unique by itself where the target is joined on it.
 */
export function targetOf(
  name: string,
  context: Pick<TransformContext, 'catalog' | 'mappings' | 'complain'>,
  through: 'crosswalk' | 'target',
): { readonly target: Table | undefined; readonly key: string } {
  const mapping = context.mappings.get(name)
  if (!mapping) {
    context.complain(`refers to mapping ${name}, which is not in the migration. Add it to m.migration([…]).`)
    return { target: undefined, key: 'id' }
  }
  const { schema, name: table } = parseName(mapping.to)
  const key = mapping.targetKey
  const target = findTable(context.catalog, qualifiedName({ schema, name: table }))
  if (target === undefined) return { target, key }
  if (through === 'crosswalk' ? target.primaryKey?.includes(key) : isUniqueOn(target, [key])) return { target, key }
  const wanted = through === 'crosswalk' ? 'not in the primary key of' : 'not unique in'
  context.complain(`refers to mapping ${name} by ${key}, which is ${wanted} ${mapping.to}. Set targetKey there.`)
  return { target: undefined, key }
}
