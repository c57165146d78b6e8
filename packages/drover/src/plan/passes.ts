import { walk } from '../sql/tree.ts'
import type { MappingParts } from './row.ts'
import { nameOf } from './source.ts'

/** Rows from which on a mapping is computed once for all that depend on it, and not again with each of them. */
const manyRows = 100_000

/**
 * Groups of mappings to be foreseen in one statement each, in order. A mapping is computed again in every group that
 * depends on it, which is quick where its rows are few, and lets the groups be asked side by side; what depends on one
 * with many rows is asked together with it. `rowsOf` estimates the rows of a table.
 */
export function groupPasses(
  all: readonly MappingParts[],
  dependsOn: (mapping: string, other: string) => boolean,
  rowsOf: (table: string) => number,
): readonly (readonly MappingParts[])[] {
  const weights = weigh(all, rowsOf)
  const groups: MappingParts[][] = []
  for (const parts of all) {
    const { name } = parts.mapping
    const isBound = (member: MappingParts) =>
      dependsOn(name, member.mapping.name) && (weights.get(member.mapping.name) ?? 0) >= manyRows
    const bound = groups.filter((group) => group.some(isBound))
    const [first, ...rest] = bound
    if (first === undefined) groups.push([parts])
    else {
      for (const other of rest) {
        first.push(...other)
        groups.splice(groups.indexOf(other), 1)
      }
      first.push(parts)
    }
  }
  const position = (parts: MappingParts) => all.indexOf(parts)
  return groups.map((group) => group.toSorted((a, b) => position(a) - position(b)))
}

/** The most rows of any table that a mapping reads from; of a target those that other mappings load into it. */
export function weigh(all: readonly MappingParts[], rowsOf: (table: string) => number): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  const loaded = new Map<string, number>()
  for (const { mapping } of all) {
    const weight = Math.max(
      0,
      ...tablesFrom(mapping.from).map((table) => Math.max(rowsOf(table), loaded.get(table) ?? 0)),
    )
    weights.set(mapping.name, weight)
    loaded.set(mapping.to, (loaded.get(mapping.to) ?? 0) + weight)
  }
  return weights
}

/** The tables that a query names, subqueries included. */
export function tablesFrom(query: unknown): readonly string[] {
  const names = new Set<string>()
  walk(query, (node) => {
    if (node.kind !== 'TableNode') return
    const table = node as Parameters<typeof nameOf>[0]
    if (table.table.schema !== undefined) names.add(nameOf(table))
  })
  return [...names]
}
