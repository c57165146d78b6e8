import { AliasNode, IdentifierNode } from 'kysely'
import type { MappingDefinition } from '../define/mapping.ts'
import { marksIn } from '../sql/tree.ts'
import { readsOf, splitRead } from './lineage.ts'
import type { Source } from './source.ts'

/** Columns that every table has and the catalog does not list. */
const systemColumns = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

/** Complains of each column that the mapping reads and its table does not have, once, with the places that read it. */
export function checkReads(mapping: MappingDefinition, source: Source, complain: (what: string) => void): void {
  const { key, where, identity, survivor, match, compute, columns, totals } = mapping
  const places: readonly (readonly [string, unknown])[] = [
    ['from', source.joins.map(({ on }) => on)],
    ...Object.entries({ key, where, identity, survivor, match, compute: compute?.reads }),
    ...Object.entries(columns).map(([name, node]) => [`column ${name}`, node] as const),
    ...totals.map(({ name, source }) => [`total ${name}`, source] as const),
  ]
  const readers = new Map<string, string[]>()
  for (const [place, root] of places) {
    const own = aliasesIn(root)
    for (const read of readsOf(root)) {
      const [alias, column] = splitRead(read)
      const table = source.tables.get(alias)
      // A subquery may give the alias to a relation of its own.
      if (table === undefined || own.has(alias) || systemColumns.has(column)) continue
      if (table.columns.some(({ name }) => name === column)) continue
      readers.set(read, [...(readers.get(read) ?? []), place])
    }
  }
  const inKey = aliasesIn(key)
  const ofJoined = readsOf(key).find((read) => ![source.alias, ...inKey].includes(splitRead(read)[0]))
  if (source.driving.kind === 'query' && ofJoined !== undefined) {
    complain(`key reads ${ofJoined}, beside the query: its rows are told apart without that. Join within the query.`)
  }
  for (const [read, by] of readers) {
    const [alias, column] = splitRead(read)
    const { schema, name } = source.tables.get(alias)!
    complain(`${by.join(', ')} reads ${read}, and ${schema}.${name} has no column ${column}. Run drover types again.`)
  }
}

function aliasesIn(root: unknown): ReadonlySet<string> {
  const aliases = new Set<string>()
  for (const node of marksIn(root)) {
    if (AliasNode.is(node) && IdentifierNode.is(node.alias)) aliases.add(node.alias.name)
  }
  return aliases
}
