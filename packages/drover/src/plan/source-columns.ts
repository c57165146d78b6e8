import { qualifiedName } from '../catalog/catalog.ts'
import type { Plan } from './plan.ts'

/** The columns of a mapping's source in their order; none where it reads from a query. */
export function sourceColumns(
  { catalog, mappings }: Pick<Plan, 'catalog' | 'mappings'>,
  mapping: string,
): readonly string[] {
  const source = mappings.find(({ name }) => name === mapping)?.source
  const table = catalog.tables.find((candidate) => qualifiedName(candidate) === source)
  return table?.columns.map(({ name }) => name) ?? []
}
