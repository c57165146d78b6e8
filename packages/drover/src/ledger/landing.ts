import type { Queryable } from '../db/connection.ts'
import type { QualifiedName } from '../sql/nodes.ts'
import { mayRead } from './readable.ts'
import { endStates } from './state.ts'

/** A table that has landed, or is about to. Counts are text: they do not fit into JavaScript's numbers. */
export interface Landing extends QualifiedName {
  readonly id: string
  readonly kind: 'table' | 'csv' | 'jsonl'
  /** Host, port and database of the server, or the name of the file. */
  readonly source: string
  /** Of a table: its name there. */
  readonly sourceTable: QualifiedName | null
  readonly state: 'landing' | 'landed'
  readonly generation: string | null
  readonly rows: string | null
  readonly proof: LandingProof | null
  readonly bytes: string | null
  /** The column by which it is spread over the nodes of a cluster; null where it lies on the coordinator. */
  readonly distributedBy: string | null
  readonly sha256: string | null
  /** Whether the table that was made is still there under its name. */
  readonly isThere: boolean
  readonly startedAt: string
  readonly finishedAt: string | null
}

/** The hash of the servers themselves (Jenkins, 2006). Landings of earlier versions have `md5` or `sha256`. */
export const landingAlgorithm = 'lookup3'

/** The digest that both sides have. */
export interface LandingProof {
  /** {@link landingAlgorithm}, or what an earlier version compared by. */
  readonly algorithm: string
  /** Two sums over the hashes of all rows. */
  readonly first: string
  readonly second: string
}

/** What was carried into this database, in the order of names. */
export async function readLandings(tx: Queryable): Promise<readonly Landing[]> {
  const rows =
    await tx.query(`select id::text as id, kind, source, source_schema, source_name, table_schema, table_name, state,
  generation_id::text as generation, rows::text as rows, algorithm, first_sum::text as first, second_sum::text as second,
  bytes::text as bytes, definition ->> 'distributedBy' as distributed_by, sha256,
  started_at::text as started_at, finished_at::text as finished_at,
  coalesce(to_regclass(format('%I.%I', table_schema, table_name))::oid = relation, false) as is_there
from drover.landing
order by table_schema, table_name`)
  return rows.map((row) => ({
    id: row.id as string,
    kind: row.kind as Landing['kind'],
    source: row.source as string,
    sourceTable:
      row.source_name === null ? null : { schema: row.source_schema as string, name: row.source_name as string },
    schema: row.table_schema as string,
    name: row.table_name as string,
    state: row.state as Landing['state'],
    generation: row.generation as string | null,
    rows: row.rows as string | null,
    proof:
      row.algorithm === null
        ? null
        : { algorithm: row.algorithm as string, first: row.first as string, second: row.second as string },
    bytes: row.bytes as string | null,
    distributedBy: row.distributed_by as string | null,
    sha256: row.sha256 as string | null,
    isThere: row.is_there as boolean,
    startedAt: row.started_at as string,
    finishedAt: row.finished_at as string | null,
  }))
}

/** The same of a database that may have no ledger, one of an older drover, or one that this role may not read. */
export async function readLandingsIfAny(tx: Queryable): Promise<readonly Landing[]> {
  return (await mayRead(tx, ['landing'])) ? readLandings(tx) : []
}

/** The landing under that name. */
export async function findLanding(tx: Queryable, { schema, name }: QualifiedName): Promise<Landing | undefined> {
  return (await readLandings(tx)).find((landing) => landing.schema === schema && landing.name === name)
}

/** Notes the table that was just made for rows to land in; returns its number. */
export async function addLanding(
  tx: Queryable,
  landing: Pick<Landing, 'kind' | 'source' | 'sourceTable'> & QualifiedName,
  definition: object,
): Promise<string> {
  const { kind, source, sourceTable, schema, name } = landing
  const [row] = await tx.query(
    `insert into drover.landing (kind, source, source_schema, source_name, table_schema, table_name, relation, definition)
values ($1, $2, $3, $4, $5, $6, format('%I.%I', $5::text, $6::text)::regclass, $7)
returning id::text as id`,
    [kind, source, sourceTable?.schema ?? null, sourceTable?.name ?? null, schema, name, JSON.stringify(definition)],
  )
  return row!.id as string
}

/** Whether the table was made as this definition says. */
export async function hasDefinition(tx: Queryable, id: string, definition: object): Promise<boolean> {
  const rows = await tx.query('select from drover.landing where id = $1 and definition = $2::jsonb', [
    id,
    JSON.stringify(definition),
  ])
  return rows.length > 0
}

/** Forgets a landing and its chunks. */
export async function forgetLanding(tx: Queryable, id: string): Promise<void> {
  await tx.query('delete from drover.landing where id = $1', [id])
}

/** What is known of a table when it has landed. */
export interface Landed {
  readonly generation: string | null
  readonly sourceRows: string
  readonly rows: string
  readonly proof: LandingProof | null
  readonly bytes?: number
  readonly sha256?: string
}

/** Marks a table as landed: from now on a run may read it. */
export async function completeLanding(tx: Queryable, id: string, landed: Landed): Promise<void> {
  const { generation, sourceRows, rows, proof, bytes, sha256 } = landed
  await tx.query(
    `update drover.landing
set state = 'landed', generation_id = $2, source_rows = $3, rows = $4, algorithm = $5, first_sum = $6, second_sum = $7, bytes = $8,
  sha256 = $9, finished_at = clock_timestamp()
where id = $1`,
    [
      id,
      generation,
      sourceRows,
      rows,
      proof?.algorithm ?? null,
      proof?.first ?? null,
      proof?.second ?? null,
      bytes ?? null,
      sha256 ?? null,
    ],
  )
}

/** Notes that what has landed agrees with another snapshot, too. */
export async function moveToGeneration(tx: Queryable, id: string, generation: string): Promise<void> {
  await tx.query('update drover.landing set generation_id = $2 where id = $1', [id, generation])
}

/** The runs that are not over whose plans know one of these tables, with the first such table: `schema.name`. */
export async function findReaders(
  tx: Queryable,
  tables: readonly QualifiedName[],
): Promise<readonly { readonly run: string; readonly migration: string; readonly table: string }[]> {
  const rows = await tx.query(
    `select run.id::text as run, run.migration, min(named.schema || '.' || named.name) as "table"
from drover.run
cross join jsonb_array_elements(run.plan -> 'catalog' -> 'tables') as known
join unnest($1::text[], $2::text[]) as named (schema, name)
  on named.schema = known ->> 'schema' and named.name = known ->> 'name'
where run.state <> all ($3::text[])
group by run.id
order by run.id`,
    [tables.map(({ schema }) => schema), tables.map(({ name }) => name), endStates],
  )
  return rows as unknown as readonly { readonly run: string; readonly migration: string; readonly table: string }[]
}
