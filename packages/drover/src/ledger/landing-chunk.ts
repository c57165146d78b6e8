import type { Queryable } from '../db/connection.ts'
import type { QualifiedName } from '../sql/nodes.ts'

/** A part of a table that lands in one transaction. */
export interface LandingChunk {
  readonly landing: string
  readonly number: string
  /** The partition or heir that holds the rows; null where the relation is read as a whole. */
  readonly part: QualifiedName | null
  readonly filenode: string | null
  readonly lower: string | null
  readonly upper: string | null
  readonly isDone: boolean
  readonly rows: string | null
}

/** Notes the chunks of a table, none of which has landed. */
export async function addLandingChunks(
  tx: Queryable,
  landing: string,
  chunks: readonly Pick<LandingChunk, 'part' | 'filenode' | 'lower' | 'upper'>[],
): Promise<void> {
  await tx.query(
    `insert into drover.landing_chunk (landing_id, number, part_schema, part_name, filenode, lower, upper)
select $1, cut.number, cut.part_schema, cut.part_name, cut.filenode, cut.lower, cut.upper
from unnest($2::text[], $3::text[], $4::oid[], $5::bigint[], $6::bigint[])
  with ordinality as cut (part_schema, part_name, filenode, lower, upper, number)`,
    [
      landing,
      chunks.map(({ part }) => part?.schema ?? null),
      chunks.map(({ part }) => part?.name ?? null),
      chunks.map(({ filenode }) => filenode),
      chunks.map(({ lower }) => lower),
      chunks.map(({ upper }) => upper),
    ],
  )
}

/** The chunks of a table, in order. */
export async function readLandingChunks(tx: Queryable, landing: string): Promise<readonly LandingChunk[]> {
  const rows = await tx.query(
    `select number::text as number, part_schema, part_name, filenode::text as filenode, lower::text as lower,
  upper::text as upper, state = 'done' as is_done, rows::text as rows
from drover.landing_chunk
where landing_id = $1
order by landing_chunk.number`,
    [landing],
  )
  return rows.map((row) => ({
    landing,
    number: row.number as string,
    part: row.part_name === null ? null : { schema: row.part_schema as string, name: row.part_name as string },
    filenode: row.filenode as string | null,
    lower: row.lower as string | null,
    upper: row.upper as string | null,
    isDone: row.is_done as boolean,
    rows: row.rows as string | null,
  }))
}

/** Locks a chunk; the rows that it brought where it is done already, nothing where it is open. */
export async function lockLandingChunk(
  tx: Queryable,
  { landing, number }: Pick<LandingChunk, 'landing' | 'number'>,
): Promise<readonly number[]> {
  const [row] = await tx.query(
    `select state, rows::text as rows from drover.landing_chunk where landing_id = $1 and number = $2 for update`,
    [landing, number],
  )
  return row?.state === 'done' ? [Number(row.rows)] : []
}

/** Marks a locked chunk as done, in the transaction that wrote its rows. */
export async function finishLandingChunk(
  tx: Queryable,
  { landing, number }: Pick<LandingChunk, 'landing' | 'number'>,
  { generation, rows }: { readonly generation: string; readonly rows: number },
): Promise<void> {
  await tx.query(
    `update drover.landing_chunk
set state = 'done', generation_id = $3, rows = $4, finished_at = clock_timestamp()
where landing_id = $1 and number = $2`,
    [landing, number, generation, rows],
  )
}

/** How far each table is that has chunks, by its landing. */
export async function readLandingTallies(tx: Queryable): Promise<ReadonlyMap<string, LandingTally>> {
  const rows = await tx.query(`select landing_id::text as landing, count(*)::text as chunks,
  count(*) filter (where state = 'done')::text as done, coalesce(sum(rows), 0)::text as rows
from drover.landing_chunk
group by landing_id`)
  return new Map(
    rows.map((row) => [
      row.landing as string,
      { chunks: Number(row.chunks), chunksDone: Number(row.done), rows: row.rows as string },
    ]),
  )
}

/** How far a table has landed. */
export interface LandingTally {
  readonly chunks: number
  readonly chunksDone: number
  readonly rows: string
}
