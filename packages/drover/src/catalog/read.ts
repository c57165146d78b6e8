import { buildCatalog, type Item } from './build.ts'
import type { Catalog } from './catalog.ts'
import { constraintsQuery } from './constraint-query.ts'
import { distributionQuery } from './distribution-query.ts'
import { indexesQuery } from './index-query.ts'
import { sequencesQuery } from './sequence-query.ts'
import { policiesQuery, serverQuery, tablesQuery, triggersQuery } from './table-queries.ts'
import { columnsQuery, domainsQuery, enumsQuery } from './type-queries.ts'

/** Runs one statement with values for its parameters (arrays included) and returns its rows by column name. */
export type CatalogQuery = (
  text: string,
  values?: readonly unknown[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>

/**
 * Reads tables, columns, constraints, indexes, triggers, policies, types and sequences of `schemas` in ten queries,
 * however many tables there are; on a cluster one more tells how they are distributed. Which schemas are read is the
 * caller's choice: neither the server's own nor the ledger's are left out of the list by themselves. A schema of the
 * list that does not exist is absent from the result.
 *
 * The caller's session must have `search_path = pg_catalog` (or `pg_catalog, pg_temp`): only then are the definitions
 * qualified and comparable. One `repeatable read` transaction around the call makes the parts agree with each other.
 */
export async function readCatalog(query: CatalogQuery, schemas: readonly string[]): Promise<Catalog> {
  const read = async (text: string, values: readonly unknown[] = [schemas]): Promise<readonly Item[]> =>
    (await query(text, values)).map(parseItem)

  // One after the other: a connection runs one statement at a time.
  const [server] = await read(serverQuery)
  const {
    serverVersion,
    schemas: existing,
    extensions,
    distributes,
  } = server!.value as Pick<Catalog, 'serverVersion' | 'schemas' | 'extensions'> & { readonly distributes: boolean }
  return buildCatalog({
    serverVersion,
    schemas: existing,
    extensions,
    tables: await read(tablesQuery),
    columns: await read(columnsQuery),
    constraints: await read(constraintsQuery(serverVersion)),
    indexes: await read(indexesQuery(serverVersion)),
    triggers: await read(triggersQuery),
    policies: await read(policiesQuery),
    enums: await read(enumsQuery, []),
    domains: await read(domainsQuery, []),
    sequences: await read(sequencesQuery),
    distributions: distributes ? await read(distributionQuery) : [],
  })
}

function parseItem(row: Readonly<Record<string, unknown>>): Item {
  return { relation: String(row.relation), value: JSON.parse(String(row.item)) }
}
