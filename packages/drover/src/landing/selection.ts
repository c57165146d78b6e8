import { qualifiedName } from '../catalog/catalog.ts'
import { ownSchemas } from '../catalog/ddl/ddl.ts'
import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import type { QualifiedName } from '../sql/nodes.ts'

/** What of the source is to land. Neither schemas nor tables: all schemas of the application. */
export interface Selection {
  readonly schemas: readonly string[]
  readonly tables: readonly QualifiedName[]
}

/** Schemas of the source that have another name here. */
export type Renames = ReadonlyMap<string, string>

/** Tables that land spread over the nodes of a cluster, by the names that they have here, each with the column by which. */
export type Distributions = ReadonlyMap<string, string>

/** A relation of the source, and the name under which it lands. */
export interface SourceTable extends QualifiedName {
  readonly kind: 'table' | 'view' | 'materialized view' | 'foreign'
  readonly target: QualifiedName
}

/**
 * The relations that are selected, in the order of names. Partitions are left out, they land with what they are a part of,
 * and so is what belongs to an extension.
 *
 * @throws DroverError `object-missing` where one that is named does not exist, `usage-invalid` where two would land under
 * one name.
 */
export async function readSelection(
  tx: Queryable,
  { schemas, tables }: Selection,
  as: Renames,
  where: string,
): Promise<readonly SourceTable[]> {
  const all = schemas.length === 0 && tables.length === 0
  const read = all ? await ownSchemas((text, values) => tx.query(text, values)) : schemas
  const rows = await tx.query(relationsQuery, [
    read,
    tables.map(({ schema }) => schema),
    tables.map(({ name }) => name),
  ])
  const found = rows.map((row): SourceTable => {
    const { schema, name, kind } = row as unknown as Omit<SourceTable, 'target'>
    return { schema, name, kind, target: { schema: as.get(schema) ?? schema, name } }
  })
  const has = (schema: string, name?: string) =>
    found.some((table) => table.schema === schema && (name === undefined || table.name === name))
  requireThere(
    [
      ...schemas.filter((schema) => !has(schema)).map((schema) => `the schema ${schema} holds no table`),
      ...tables
        .filter(({ schema, name }) => !has(schema, name))
        .map((table) => `there is no table ${qualifiedName(table)}`),
    ],
    where,
  )
  requireDistinct(found)
  return found
}

/** Those of the tables, views and foreign tables that the source has, in the order of names. */
export async function findPresent(tx: Queryable, tables: readonly QualifiedName[]): Promise<readonly QualifiedName[]> {
  const rows = await tx.query(relationsQuery, [[], tables.map(({ schema }) => schema), tables.map(({ name }) => name)])
  return (rows as unknown as readonly QualifiedName[]).map(({ schema, name }) => ({ schema, name }))
}

function requireThere(missing: readonly string[], where: string): void {
  if (missing.length === 0) return
  throw new DroverError('object-missing', 'The source does not have what is to land.', {
    where,
    findings: missing,
    remedy: 'Check that it is the right database, and that its role may use the schema.',
  })
}

function requireDistinct(tables: readonly SourceTable[]): void {
  const byName = Map.groupBy(tables, ({ target }) => qualifiedName(target))
  const clashes = [...byName].filter(([, group]) => group.length > 1)
  if (clashes.length === 0) return
  throw new DroverError('usage-invalid', 'Two tables would land under one name.', {
    findings: clashes.map(([name, group]) => `${group.map(qualifiedName).join(' and ')} as ${name}`),
    remedy: 'Give --as other names for the schemas.',
  })
}

/** `$1` schemas, and by name: `$2` schemas, `$3` names. */
const relationsQuery = `
/* drover landing: relations */
select n.nspname as schema, c.relname as name,
  case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign' else 'table' end as kind
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f')
  and (
    (
      n.nspname = any ($1::text[])
      and not c.relispartition
      and not exists (
        select from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
      )
    )
    or (n.nspname, c.relname) in (select named.schema, named.name from unnest($2::text[], $3::text[]) as named (schema, name))
  )
order by n.nspname, c.relname`
