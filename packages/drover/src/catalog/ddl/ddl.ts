import type { CatalogQuery } from '../read.ts'
import { aggregatesDdl } from './aggregates.ts'
import { castsDdl } from './casts.ts'
import { checksDdl, foreignKeysDdl, keysDdl } from './constraints.ts'
import { functionsDdl } from './functions.ts'
import { constraintCommentsDdl, indexSettingsDdl, replicaIdentitiesDdl } from './index-settings.ts'
import { indexesDdl, indexPartitionsDdl, invalidIndexesDdl } from './indexes.ts'
import { needsQuery } from './needs-query.ts'
import { type Placed, placeStatements } from './order.ts'
import { ownSchemasQuery } from './own.ts'
import { grantsDdl, ownersDdl } from './ownership.ts'
import { policiesDdl, rowSecurityDdl } from './policies.ts'
import { rolesDdl } from './roles.ts'
import { collationsDdl, extensionsDdl, schemasDdl } from './schemas.ts'
import { sequencesDdl } from './sequences.ts'
import { defaultsDdl, foreignServersDdl, tableParentsDdl, tablesDdl } from './tables.ts'
import { configurationsDdl, dictionariesDdl } from './text-search.ts'
import { triggerStatesDdl, triggersDdl } from './triggers.ts'
import { domainChecksDdl, typesDdl } from './types.ts'
import { viewsDdl } from './views.ts'

/** What makes the objects of a database again, as statements in an order in which each finds what it needs. */
export interface Ddl {
  /** Roles, schemas, extensions, types, functions, tables, sequences, defaults: ahead of the rows. */
  readonly before: readonly DdlStatement[]
  /** Keys, indexes, checks, foreign keys, views, triggers, policies, owners, rights: after them. */
  readonly after: readonly DdlStatement[]
}

/** A statement that makes one object of a schema, or brings it to how it is. */
export interface DdlStatement {
  /** Kind and name of what it makes or alters, e.g. `table public.users`. */
  readonly object: string
  /** One statement; two that belong together for an index that is not valid. */
  readonly sql: string
}

/**
 * The queries in the order in which their objects are made. Each gives `address`, `object` and `sql` of statements, in
 * their own order; the server quotes the names.
 */
const kinds: readonly {
  readonly query: string
  readonly phase: Placed['phase']
  readonly holdsRows?: boolean
  readonly namesRoles?: boolean
}[] = [
  { query: rolesDdl, phase: 'before', namesRoles: true },
  { query: schemasDdl, phase: 'before' },
  { query: extensionsDdl, phase: 'before' },
  { query: collationsDdl, phase: 'before' },
  { query: dictionariesDdl, phase: 'before' },
  { query: configurationsDdl, phase: 'before' },
  { query: foreignServersDdl, phase: 'before' },
  { query: typesDdl, phase: 'before' },
  { query: domainChecksDdl(true), phase: 'before' },
  { query: functionsDdl, phase: 'before' },
  { query: aggregatesDdl, phase: 'before' },
  { query: castsDdl, phase: 'before' },
  { query: tablesDdl, phase: 'before', holdsRows: true },
  { query: tableParentsDdl, phase: 'before', holdsRows: true },
  { query: sequencesDdl, phase: 'before' },
  { query: defaultsDdl, phase: 'before' },
  { query: invalidIndexesDdl, phase: 'before' },
  { query: domainChecksDdl(false), phase: 'after' },
  { query: keysDdl, phase: 'after' },
  { query: indexesDdl, phase: 'after' },
  { query: indexPartitionsDdl, phase: 'after' },
  { query: indexSettingsDdl, phase: 'after' },
  { query: replicaIdentitiesDdl, phase: 'after' },
  { query: checksDdl, phase: 'after' },
  { query: foreignKeysDdl, phase: 'after' },
  { query: constraintCommentsDdl, phase: 'after' },
  { query: viewsDdl, phase: 'after' },
  { query: triggersDdl, phase: 'after' },
  { query: triggerStatesDdl, phase: 'after' },
  { query: policiesDdl, phase: 'after' },
  { query: rowSecurityDdl, phase: 'after' },
  { query: ownersDdl, phase: 'after' },
  { query: grantsDdl, phase: 'after' },
]

/**
 * Reads what makes the objects of `schemas` again, with `roles`, the roles that they mention, and the extensions of the
 * database. What belongs to an extension is left to it. Not told: base types, operators, ordered-set aggregates, rules,
 * publications, event triggers, statistics objects, tablespaces, comments (but those of indexes and constraints), the
 * options of foreign servers and tables, default privileges, positions of sequences.
 *
 * The caller's session must have `search_path = pg_catalog` (or `pg_catalog, pg_temp`): only then are the definitions
 * qualified. One `repeatable read` transaction around the call makes the parts agree with each other.
 */
export async function readDdl(
  query: CatalogQuery,
  schemas: readonly string[],
  roles: readonly string[] = [],
): Promise<Ddl> {
  const statements: Placed[] = []
  // One after the other: a connection runs one statement at a time.
  for (const { query: text, phase, holdsRows = false, namesRoles = false } of kinds) {
    const rows = await query(text, namesRoles ? [schemas, roles] : [schemas])
    statements.push(
      ...rows.map((row) => ({
        address: row.address === null ? null : String(row.address),
        object: String(row.object),
        sql: String(row.sql),
        phase,
        holdsRows,
      })),
    )
  }
  const pairs = await query(needsQuery)
  const byAddress = Map.groupBy(pairs, ({ address }) => String(address))
  const needs = new Map([...byAddress].map(([address, group]) => [address, group.map(({ needed }) => String(needed))]))
  const { before, after } = placeStatements(statements, needs)
  return { before: before.map(statementOf), after: after.map(statementOf) }
}

/**
 * The schemas of the database that are an application's (neither the server's, an extension's, nor the ledger's), by
 * name.
 */
export async function ownSchemas(query: CatalogQuery): Promise<readonly string[]> {
  return (await query(ownSchemasQuery)).map(({ name }) => String(name))
}

function statementOf({ object, sql }: Placed): DdlStatement {
  return { object, sql }
}
