import { DroverError } from 'drover'
import pg from 'pg'
import { createSchemas } from '../database.ts'
import { generate } from '../generator/index.ts'
import type { Manifest } from '../generator/manifest.ts'
import { withClient } from './client.ts'
import type { Place } from './command.ts'
import type { Settings } from './settings.ts'
import { step } from './step.ts'

const metricValues = { s: '10,000', m: '1,000,000' } as const

/** How many objects a refusal names. */
const named = 3

/**
 * Makes the schemas and the legacy data, in one transaction: all of it, or nothing.
 *
 * @throws DroverError where the database is not empty, or refuses a statement; the signal's reason, or what came of it
 */
export function prepare({ scale, seed }: Settings, place: Place): Promise<Manifest> {
  return withClient(place.url, place.signal, async (client) => {
    await client.query('begin')
    await requireEmpty(client)
    return step(`Generating a legacy database with ${metricValues[scale]} metric values`, async () => {
      try {
        await createSchemas(client)
        const query = async (text: string) => (await client.query(text)).rows ?? []
        const manifest = await generate(query, { scale, seed, foreignKeys: 'loose' })
        await client.query('commit')
        return manifest
      } catch (thrown) {
        throw thrown instanceof pg.DatabaseError ? notGenerated(thrown) : thrown
      }
    })
  })
}

async function requireEmpty(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ object: string }>(contents)
  if (rows.length === 0) return
  const objects = rows.slice(0, named).map(({ object }) => object)
  throw new DroverError('state-refused', `The database ${client.database} is not empty. Nothing was written.`, {
    why: `it holds ${objects.join(', ')}${rows.length > named ? ' and more' : ''}`,
    remedy: 'Make an empty one for the demo: create database demo.',
  })
}

/**
 * Relations, types and functions of users, and the schemas that the demo makes. What an extension has made depends on it
 * (`e`), what belongs to another object, such as the row type of a table, on that one (`i`).
 */
const contents = `
  -- drover demo: what the database holds
  with objects as (
    select 'pg_class'::regclass as catalog, oid, relnamespace as namespace
    from pg_class
    where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select 'pg_type'::regclass, oid, typnamespace
    from pg_type
    union all
    select 'pg_proc'::regclass, oid, pronamespace
    from pg_proc
    union all
    select 'pg_namespace'::regclass, oid, oid
    from pg_namespace
    where nspname in ('app_private', 'auth', 'dental_generator', 'drover', 'legacy', 'migration_input')
  )
  select identity.type || ' ' || identity.identity as object
  from objects
  join pg_namespace on pg_namespace.oid = objects.namespace
  cross join lateral pg_identify_object(objects.catalog, objects.oid, 0) as identity
  where nspname !~ '^pg_'
    and nspname <> 'information_schema'
    and not exists (
      select
      from pg_depend
      where classid = objects.catalog and objid = objects.oid and objsubid = 0 and deptype in ('e', 'i')
    )
  order by identity.identity collate "C"
  limit ${named + 1}`

function notGenerated(cause: pg.DatabaseError): DroverError {
  return new DroverError('statement-failed', 'The legacy database could not be made. Nothing of it is left.', {
    why: `${cause.code}, ${cause.message}`,
    remedy: 'Use PostgreSQL 15 or later, and a role that may create schemas, roles and extensions.',
    cause,
  })
}
