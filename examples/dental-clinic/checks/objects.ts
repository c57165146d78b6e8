import { type bool, type DeclaredCheck, type Expression, sql, type text } from 'drover'
import { m } from '../migration/base.ts'
import type { Schemas } from './question.ts'

/** The schemas that the application works with. */
const schemas = sql`n.nspname in ('auth', 'public')`

/**
 * Rows of the server's catalogue, which no plan knows as tables: `name` says which object, `fault` what is wrong with
 * it.
 */
const objects = (db: Schemas, query: Expression<unknown>) =>
  db.selectFrom(sql<{ name: text; fault: text }>`(${query})`.as('o')).select(['o.name', 'o.fault'])

const named = { key: ['name', 'fault'] } as const

/** Every relation of the application, as its schema and name. */
const relation = sql`n.nspname || '.' || c.relname`

/** Whether a role has a privilege on a relation, or on some column of it. */
const has = (role: 'anon' | 'authenticated', privilege: string) => sql<bool>`(
  has_table_privilege(${sql.lit(role)}, c.oid, ${sql.lit(privilege)})
  or case when ${sql.lit(privilege)} in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
    then has_any_column_privilege(${sql.lit(role)}, c.oid, ${sql.lit(privilege)}) end is true
)`

const relations = (fault: Expression<unknown>, condition: Expression<unknown>) => sql`
  select ${relation} as name, ${fault} as fault
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where ${schemas} and ${condition}
`

/** What must hold of the target's own objects. */
export const soundObjects: readonly DeclaredCheck[] = [
  m.assertNone(
    'Every foreign key and check is validated',
    (db) =>
      objects(
        db,
        sql`
  select ${relation} || ' ' || k.conname as name, 'not valid' as fault
  from pg_catalog.pg_constraint as k
  join pg_catalog.pg_class as c on c.oid = k.conrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where ${schemas} and k.contype in ('f', 'c') and not k.convalidated`,
      ),
    named,
  ),
  m.assertNone(
    'Every index is valid',
    (db) =>
      objects(
        db,
        sql`
  select n.nspname || '.' || c.relname as name, 'not valid' as fault
  from pg_catalog.pg_index as i
  join pg_catalog.pg_class as c on c.oid = i.indexrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where ${schemas} and not (i.indisvalid and i.indisready and i.indislive)`,
      ),
    named,
  ),
  m.assertNone(
    'Every table of the application is under row-level security',
    (db) =>
      objects(
        db,
        relations(
          sql`'no row-level security'`,
          sql`n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relrowsecurity`,
        ),
      ),
    named,
  ),
  m.assertNone(
    'Nothing that users read goes past row-level security',
    (db) =>
      objects(
        db,
        relations(
          sql`'a view with the rights of its owner'`,
          sql`c.relkind in ('v', 'm', 'f')
    and not coalesce('security_invoker=true' = any (c.reloptions) or 'security_invoker=on' = any (c.reloptions), false)
    and (${has('authenticated', 'SELECT')} or ${has('anon', 'SELECT')})`,
        ),
      ),
    named,
  ),
  m.assertNone(
    'Who has not signed in has no right to any table',
    (db) =>
      objects(
        db,
        relations(
          sql`'a privilege of anon'`,
          sql`c.relkind in ('r', 'p', 'v', 'm', 'f')
    and (${sql.join(
      ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'].map((each) => has('anon', each)),
      sql` or `,
    )})`,
        ),
      ),
    named,
  ),
  m.assertNone(
    'No user has a right to credentials and accounts, or to empty a table',
    (db) =>
      objects(
        db,
        relations(
          sql`'a privilege of authenticated'`,
          sql`c.relkind in ('r', 'p', 'v', 'm', 'f')
    and (
      ${sql.join(
        ['TRUNCATE', 'REFERENCES', 'TRIGGER'].map((each) => has('authenticated', each)),
        sql` or `,
      )}
      or (n.nspname = 'auth' or c.relname = 'google_credentials') and (${sql.join(
        ['SELECT', 'INSERT', 'UPDATE', 'DELETE'].map((each) => has('authenticated', each)),
        sql` or `,
      )})
    )`,
        ),
      ),
    named,
  ),
]
