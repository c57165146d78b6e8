import type { Queryable, Row } from '../db/connection.ts'
import { nextChunkNumber } from './step.ts'

/** A range of source rows, as the statements of a plan take it. */
export interface Chunk {
  readonly mapping: string
  /** An int8, as text. */
  readonly number: string
  readonly lower: readonly string[] | null
  readonly upper: readonly string[] | null
}

/** A chunk that is yet to be carried out. */
export interface OpenChunk extends Chunk {
  /** About how many source rows it holds. */
  readonly rows: number
  /** What a row of its source takes on the disk, in bytes, on average; null where that is unknown. */
  readonly rowBytes: number | null
  /** Begun and not ended by an error or a result. */
  readonly attempts: number
  /** How often it was split because of a failure. */
  readonly splits: number
}

const columns = `mapping, number, lower, upper, rows, attempts, splits,
  (
    select step.source_bytes / greatest(step.source_rows_before, 1)::float8
    from drover.step
    where step.run_id = chunk.run_id and step.mapping = chunk.mapping
  ) as row_bytes`

/**
 * How long a chunk that somebody has begun is left alone while it is not locked, in milliseconds: until its worker has
 * locked it, or noted how it ended. Without that, others would count attempts at what is merely between two transactions.
 */
const begunMs = 1_000

/**
 * Locks an open chunk of the first mapping that has one to give: parts of chunks that failed come first, what somebody
 * began and did not end comes last.
 */
export async function lockNextChunk(tx: Queryable, runId: string): Promise<OpenChunk | undefined> {
  const loading = await tx.query(
    `select mapping from drover.step where run_id = $1 and state = 'loading' order by position`,
    [runId],
  )
  for (const { mapping } of loading) {
    const rows = await tx.query(
      `select ${columns}
from drover.chunk
where run_id = $1 and mapping = $2 and state = 'open'
  and (attempts = 0 or started_at < clock_timestamp() - make_interval(secs => $3::float8 / 1000))
order by attempts, splits desc, number
limit 1
for update skip locked`,
      [runId, mapping, begunMs],
    )
    if (rows[0]) return readChunk(rows[0])
  }
  return undefined
}

/** Locks the chunk where it is open and nobody else has it. */
export async function lockChunk(tx: Queryable, runId: string, chunk: ChunkName): Promise<OpenChunk | undefined> {
  const rows = await tx.query(
    `select ${columns}
from drover.chunk
where run_id = $1 and mapping = $2 and number = $3 and state = 'open'
for update skip locked`,
    [runId, chunk.mapping, chunk.number],
  )
  return rows[0] && readChunk(rows[0])
}

/** Locks up to `limit` chunks that were cut right after this one and that nobody has begun or split. */
export async function lockFollowing(
  tx: Queryable,
  runId: string,
  chunk: OpenChunk,
  limit: number,
): Promise<readonly OpenChunk[]> {
  const rows = await tx.query(
    `select ${columns}
from drover.chunk
where run_id = $1 and mapping = $2 and number > $3 and number <= $3::bigint + $4
  and state = 'open' and attempts = 0 and splits = 0
order by number
for update skip locked`,
    [runId, chunk.mapping, chunk.number, limit],
  )
  return rows.map(readChunk)
}

/** Makes one chunk of locked ones that lie side by side: the first takes the rows of all. */
export async function joinChunks(tx: Queryable, runId: string, chunks: readonly OpenChunk[]): Promise<OpenChunk> {
  const [first, ...rest] = chunks as readonly [OpenChunk, ...OpenChunk[]]
  const joined = { ...first, upper: chunks.at(-1)!.upper, rows: chunks.reduce((sum, { rows }) => sum + rows, 0) }
  if (rest.length === 0) return first
  await tx.query(`delete from drover.chunk where run_id = $1 and mapping = $2 and number = any ($3::bigint[])`, [
    runId,
    first.mapping,
    rest.map(({ number }) => number),
  ])
  await tx.query(`update drover.chunk set upper = $4, rows = $5 where run_id = $1 and mapping = $2 and number = $3`, [
    runId,
    first.mapping,
    first.number,
    joined.upper,
    joined.rows,
  ])
  return joined
}

/** Where a chunk is cut, and about how many rows lie on either side. */
export interface Cut {
  readonly middle: readonly string[]
  readonly rowsBelow: number
  readonly rowsAbove: number
  /** How often the parts were split because of a failure. */
  readonly splits: number
}

/** Makes two chunks of a locked one: together they hold its range, so the sums of the mapping stay what they are (I2). */
export async function cutChunk(tx: Queryable, runId: string, chunk: OpenChunk, cut: Cut): Promise<OpenChunk> {
  // Two workers that cut would give one number twice.
  await holdMapping(tx, runId, chunk.mapping)
  const number = await nextChunkNumber(tx, runId, chunk.mapping)
  await tx.query(
    `update drover.chunk set upper = $4, rows = $5, splits = $6, attempts = 0
where run_id = $1 and mapping = $2 and number = $3`,
    [runId, chunk.mapping, chunk.number, cut.middle, cut.rowsBelow, cut.splits],
  )
  await tx.query(
    `insert into drover.chunk (run_id, mapping, number, lower, upper, rows, splits)
values ($1, $2, $3, $4, $5, $6, $7)`,
    [runId, chunk.mapping, number, cut.middle, chunk.upper, cut.rowsAbove, cut.splits],
  )
  return { ...chunk, upper: cut.middle, rows: cut.rowsBelow, splits: cut.splits, attempts: 0 }
}

/** Keeps others from numbering or counting chunks of the mapping until the transaction ends. */
export async function holdMapping(tx: Queryable, runId: string, mapping: string): Promise<void> {
  await tx.query(`select from drover.step where run_id = $1 and mapping = $2 for no key update`, [runId, mapping])
}

/** What names a chunk within a run. */
export type ChunkName = Pick<Chunk, 'mapping' | 'number'>

function readChunk(row: Row): OpenChunk {
  return {
    mapping: row.mapping as string,
    number: row.number as string,
    lower: row.lower as readonly string[] | null,
    upper: row.upper as readonly string[] | null,
    rows: Number(row.rows),
    rowBytes: row.row_bytes as number | null,
    attempts: row.attempts as number,
    splits: row.splits as number,
  }
}
