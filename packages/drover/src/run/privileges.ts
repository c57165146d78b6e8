import { qualifiedName } from '../catalog/catalog.ts'
import type { Database } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { ledgerSchema, type MappingPlan, type Plan } from '../plan/plan.ts'
import { parseName } from '../sql/nodes.ts'

/**
 * Makes sure, before anything is written, that the role may do what a run of the plan needs.
 *
 * @throws DroverError `privilege-missing` with every missing privilege and the grant that gives it, or
 * `database-refused` where the server takes no writes at all.
 */
export async function requirePrivileges(db: Database, plan: Plan): Promise<void> {
  const { tables } = plan.catalog
  const namesOf = (mappings: readonly MappingPlan[]) =>
    new Set(mappings.map((mapping) => qualifiedName(parseName(mapping.target))))
  const targets = namesOf(plan.mappings.filter(({ kind }) => kind !== 'evolve'))
  const updated = namesOf(plan.mappings.filter(({ statements }) => statements.createImages !== null))
  const blocked = new Set(plan.freeze.tables.filter(({ release }) => release !== null).map(qualifiedName))
  const moved = new Set(plan.mappings.flatMap((mapping) => mapping.sequences.map(({ name }) => name)))
  const sequences = plan.catalog.sequences.filter((sequence) => moved.has(qualifiedName(sequence)))
  const parameters = [
    tables.map((table) => table.schema),
    tables.map((table) => table.name),
    tables.map((table) => targets.has(qualifiedName(table))),
    tables.map((table) => updated.has(qualifiedName(table))),
    ledgerSchema,
    tables.map((table) => blocked.has(qualifiedName(table))),
    sequences.map(({ schema }) => schema),
    sequences.map(({ name }) => name),
  ]
  const [row] = await db.transaction((tx) => tx.query(privilegesQuery, parameters), { readOnly: true })
  const { role, standby, missing } = row as unknown as {
    readonly role: string
    readonly standby: boolean
    readonly missing: readonly Missing[]
  }
  if (standby) {
    throw new DroverError('database-refused', 'The server is a standby and takes no writes.', {
      where: db.label,
      remedy: 'Connect to the primary server.',
    })
  }
  if (missing.length === 0) return
  throw new DroverError('privilege-missing', `The role ${role} may not do what the plan needs.`, {
    where: db.label,
    findings: missing.map(({ what, statement }) => `${what}: ${statement}`),
    remedy: 'Have the owner run those statements, or connect as the owner. Nothing was changed.',
  })
}

interface Missing {
  readonly what: string
  readonly statement: string
}

/**
 * `$1` schemas and `$2` names of the tables, `$3` which gain rows, `$4` whose rows are updated, `$5` the ledger's schema,
 * `$6` the tables to which writes are blocked, `$7` schemas and `$8` names of the sequences that are set.
 */
const privilegesQuery = `with involved as (
  select c.oid, n.oid as schema_oid, quote_ident(n.nspname) as schema_name, format('%I.%I', n.nspname, c.relname) as name,
    c.relowner, named.is_written, named.is_updated, named.is_blocked
  from unnest($1::text[], $2::text[], $3::boolean[], $4::boolean[], $6::boolean[])
    as named (schema_name, table_name, is_written, is_updated, is_blocked)
  join pg_namespace n on n.nspname = named.schema_name
  join pg_class c on c.relnamespace = n.oid and c.relname = named.table_name
), ledger as (
  select n.oid
  from pg_namespace n
  where n.nspname = $5
), missing (position, what, statement) as (
  select 1, 'it may not create schema ' || $5,
    format('grant create on database %I to %I', current_database(), current_user)
  where not exists (select from ledger) and not has_database_privilege(current_database(), 'create')
  union all
  select 2, 'it may not use and extend schema ' || $5,
    format('grant usage, create on schema %I to %I', $5, current_user)
  from ledger
  where not (has_schema_privilege(ledger.oid, 'usage') and has_schema_privilege(ledger.oid, 'create'))
  union all
  select 3, 'it may not write the ledger',
    format('grant all on all tables in schema %I to %I', $5, current_user)
  from ledger
  where exists (
    select from pg_class c
    where c.relnamespace = ledger.oid and c.relkind = 'r' and c.relname in ('run', 'step', 'chunk', 'event')
      and not (has_table_privilege(c.oid, 'insert') and has_table_privilege(c.oid, 'update'))
  )
  union all
  select distinct 4, 'it may not use schema ' || schema_name,
    format('grant usage on schema %s to %I', schema_name, current_user)
  from involved
  where not has_schema_privilege(schema_oid, 'usage')
  union all
  select 5, 'it may not read ' || name, format('grant select on %s to %I', name, current_user)
  from involved
  where not has_table_privilege(oid, 'select')
  union all
  select 6, 'it may not insert into ' || name, format('grant insert on %s to %I', name, current_user)
  from involved
  where is_written and not has_table_privilege(oid, 'insert')
  union all
  select 7, 'it may not update ' || name, format('grant update on %s to %I', name, current_user)
  from involved
  where is_updated and not has_table_privilege(oid, 'update')
  union all
  select 8, 'row-level security hides rows of ' || name || ' from it',
    format('alter role %I bypassrls', current_user)
  from involved
  where row_security_active(oid)
  union all
  select 9, 'it may not block writes to ' || name || ', which only the owner may',
    -- A superuser's rights are too much to give for that.
    case when rolsuper then format('alter table %s owner to %I', name, current_user)
      else format('grant %I to %I', rolname, current_user) end
  from involved
  join pg_roles on pg_roles.oid = relowner
  where is_blocked and not pg_has_role(relowner, 'usage')
  union all
  select 10, 'it may not read and set sequence ' || format('%I.%I', n.nspname, c.relname),
    format('grant select, update on sequence %I.%I to %I', n.nspname, c.relname, current_user)
  from unnest($7::text[], $8::text[]) as named (schema_name, sequence_name)
  join pg_namespace n on n.nspname = named.schema_name
  join pg_class c on c.relnamespace = n.oid and c.relname = named.sequence_name
  where not (has_sequence_privilege(c.oid, 'select') and has_sequence_privilege(c.oid, 'update'))
)
select current_user as role, pg_is_in_recovery() as standby,
  coalesce(
    (select json_agg(json_build_object('what', what, 'statement', statement) order by position, what) from missing),
    '[]'
  ) as missing`
