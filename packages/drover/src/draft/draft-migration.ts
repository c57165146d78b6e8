import type { Catalog, Table } from '../catalog/catalog.ts'
import { draftColumns } from './columns.ts'
import type { Draft, DraftedMapping, MatchedTables } from './draft.ts'
import { matchTables } from './match-tables.ts'
import { nameMappings } from './names.ts'
import { foreignKeysOf, leadsTo } from './references.ts'

/**
 * A migration between two schemas, as far as names, types and foreign keys tell it: which table becomes which, and what
 * becomes of each column. It guesses, and says how sure it is; it never guesses a decision about the data.
 *
 * @param catalog of both schemas.
 */
export function draftMigration(
  catalog: Catalog,
  { from, to }: { readonly from: readonly string[]; readonly to: readonly string[] },
): Draft {
  const sources = tablesIn(catalog, from)
  const targets = tablesIn(catalog, to).filter(({ kind }) => kind === 'table' || kind === 'partitioned')
  const tables = nameMappings(matchTables(sources, targets))
  const mappings: DraftedMapping[] = []
  const earlier: MatchedTables[] = []
  for (const each of inOrder(tables)) {
    mappings.push(draftColumns(each, { catalog, tables, earlier }))
    earlier.push(each)
  }
  return {
    mappings,
    unread: sources.filter((source) => !tables.some((each) => each.source === source)),
    unfilled: targets.filter((target) => !tables.some((each) => each.target === target)),
  }
}

function tablesIn({ tables }: Catalog, schemas: readonly string[]): readonly Table[] {
  return tables.filter(({ schema, partitionOf }) => schemas.includes(schema) && partitionOf === null)
}

/** Tables that others refer to before those; where they refer to one another, one of them is first. */
function inOrder(tables: readonly MatchedTables[]): readonly MatchedTables[] {
  const left = [...tables]
  const ordered: MatchedTables[] = []
  while (left.length > 0) {
    const waits = (each: MatchedTables) =>
      left.some((other) => other !== each && foreignKeysOf(each.target).some((key) => leadsTo(key, other.target)))
    const next = left.findIndex((each) => !waits(each))
    ordered.push(...left.splice(Math.max(next, 0), 1))
  }
  return ordered
}
