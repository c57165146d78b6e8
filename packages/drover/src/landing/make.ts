import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import { addLanding } from '../ledger/landing.ts'
import { addLandingChunks, readLandingChunks } from '../ledger/landing-chunk.ts'
import { addLandingObject } from '../ledger/landing-object.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, type QualifiedName, tableNode } from '../sql/nodes.ts'
import { cutChunks } from './cut.ts'
import { distribute } from './distribute.ts'
import type { TargetNaming } from './naming.ts'
import type { Shapes } from './shape.ts'
import { createTable } from './statements.ts'
import { createType } from './type-text.ts'
import type { TableWork } from './work.ts'

/** Makes the schemas that are missing, which nobody else may look into. */
export async function makeSchemas(tx: Queryable, schemas: Iterable<string>): Promise<void> {
  for (const schema of new Set(schemas)) {
    const [row] = await tx.query('select to_regnamespace(quote_ident($1)) is null as missing', [schema])
    if (!row!.missing) continue
    await tx.query(compile(sql`create schema ${sql.id(schema)}`.toOperationNode()))
    await addLandingObject(tx, { kind: 'schema', schema, name: '' })
  }
}

/** Makes the types that are missing. */
export async function makeTypes(tx: Queryable, { toMake, nameOf }: TargetNaming, { types }: Shapes): Promise<void> {
  for (const type of toMake) {
    const name = nameOf(type)!
    await makeSchemas(tx, [name.schema])
    await tx.query(createType(type, types, nameOf))
    await addLandingObject(tx, { kind: 'type', ...name })
  }
}

/** Makes a table for rows to land in and notes its chunks. */
export async function makeTable(
  tx: Queryable,
  { source, table, parts }: Pick<TableWork, 'source' | 'table' | 'parts'>,
  chunkBytes: number,
): Promise<TableWork> {
  const { target, definition } = table
  await makeSchemas(tx, [target.schema])
  await tx.query(createTable(table))
  await closeToOthers(tx, target)
  await distribute(tx, table)
  const landing = await addLanding(tx, { kind: 'table', source, sourceTable: table.source, ...target }, definition)
  await addLandingChunks(tx, landing, cutChunks(parts, chunkBytes))
  return { source, table, parts, landing, chunks: await readLandingChunks(tx, landing), known: null }
}

/** Rows of another database are for those who migrate, whatever default privileges say of a new table. */
export async function closeToOthers(tx: Queryable, target: QualifiedName): Promise<void> {
  const name = expressionOf(tableNode(target))
  const grantees = await tx.query(
    `select distinct case granted.grantee when 0 then null else pg_get_userbyid(granted.grantee) end as role
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join aclexplode(c.relacl) as granted
where n.nspname = $1 and c.relname = $2 and granted.grantee <> c.relowner`,
    [target.schema, target.name],
  )
  for (const { role } of grantees) {
    const from = role === null ? sql`public` : sql.id(role as string)
    await tx.query(compile(sql`revoke all on table ${name} from ${from}`.toOperationNode()))
  }
}
