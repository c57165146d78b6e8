import type { Queryable, Row } from '../db/connection.ts'

/**
 * `unlink`: references that close a circle are emptied · `restore`: before-images are put back · `remove`: rows that were
 * loaded are deleted.
 */
export type RollbackKind = 'unlink' | 'restore' | 'remove'

/** A range of blocks of the before-images, or of the crosswalk, of a mapping. */
export interface RollbackChunk {
  readonly mapping: string
  /** An int8, as text. */
  readonly number: string
  readonly kind: RollbackKind
  /** Blocks, int8 as text: inclusive, and exclusive; null: without end. */
  readonly lower: string
  readonly upper: string | null
}

/** What a chunk came to. Counts are int8, as text. */
export interface RollbackCounts {
  readonly undone: string
  readonly kept: string
  readonly gone: string
}

/** How far the rollback of a mapping is. */
export interface RollbackTally {
  readonly mapping: string
  readonly chunks: bigint
  readonly chunksDone: bigint
  readonly removed: bigint
  readonly restored: bigint
  /** Rows that stay by decision. */
  readonly kept: bigint
  /** Rows that were there no more. */
  readonly gone: bigint
}

const columns = 'mapping, number, kind, lower, upper'

/** What is asked and written about chunks. `$1` run. */
export const rollbackChunkStatements = {
  /** `$2` mapping, `$3` kind, `$4` blocks, `$5` blocks per chunk. */
  cut: `insert into drover.rollback_chunk (run_id, mapping, number, kind, lower, upper)
select $1, $2, coalesce(last.number, 0) + piece.number, $3, (piece.number - 1) * $5,
  case when piece.number * $5 < $4 then piece.number * $5 end
from (select max(number) as number from drover.rollback_chunk where run_id = $1 and mapping = $2) as last
cross join generate_series(1, greatest(1, ceil($4::numeric / $5)::bigint)) as piece (number)`,
  /** Returns a {@link RollbackChunk}, or no row. */
  lock: `with open as materialized (
  select distinct mapping, kind from drover.rollback_chunk where run_id = $1 and state = 'open'
)
select ${columns}
from drover.rollback_chunk as chunk
where run_id = $1 and state = 'open'
  and not exists (
    select from open as other
    where (
        other.kind = 'unlink' and chunk.kind <> 'unlink'
        or other.mapping = chunk.mapping and other.kind = 'restore' and chunk.kind = 'remove'
        -- References are emptied whatever depends on their rows: around a circle each would wait for the other.
        or chunk.kind <> 'unlink' and exists (
          select from drover.step
          where step.run_id = $1 and step.mapping = other.mapping and chunk.mapping = any (step.depends_on)
        )
    )
  )
order by (select position from drover.step where step.run_id = $1 and step.mapping = chunk.mapping) desc, number
limit 1
for update of chunk skip locked`,
  /** `$2` mapping, `$3` number, `$4` worker, `$5` undone, `$6` kept, `$7` gone. */
  mark: `update drover.rollback_chunk
set state = 'done', worker = $4, undone = $5, kept = $6, gone = $7, finished_at = clock_timestamp()
where run_id = $1 and mapping = $2 and number = $3`,
  /** Returns `n`. */
  countOpen: `select count(*)::integer as n from drover.rollback_chunk where run_id = $1 and state = 'open'`,
} as const

/** Cuts the ranges of one table of the ledger; the last one is open at its end. */
export async function cutRollback(
  tx: Queryable,
  runId: string,
  { mapping, kind, blocks, blocksPerChunk }: RollbackRange,
): Promise<void> {
  await tx.query(rollbackChunkStatements.cut, [runId, mapping, kind, blocks, blocksPerChunk])
}

/** A table of the ledger, cut into chunks by its blocks. */
export interface RollbackRange {
  readonly mapping: string
  readonly kind: RollbackKind
  /** How many the table has. */
  readonly blocks: number
  readonly blocksPerChunk: number
}

/**
 * Locks an open chunk that can be carried out: the newest steps first, each when those that depend on it are taken
 * back, and within a mapping references before images before rows. The lock is the claim: it ends with the transaction
 * (I3).
 */
export async function lockRollbackChunk(tx: Queryable, runId: string): Promise<RollbackChunk | undefined> {
  const [row] = await tx.query(rollbackChunkStatements.lock, [runId])
  return row && readChunk(row)
}

/** Marks a chunk as taken back, with what became of its rows. */
export async function markUndone(
  tx: Queryable,
  runId: string,
  { mapping, number }: RollbackChunk,
  worker: string,
  { undone, kept, gone }: RollbackCounts,
): Promise<void> {
  await tx.query(rollbackChunkStatements.mark, [runId, mapping, number, worker, undone, kept, gone])
}

/** How many chunks are not done. */
export async function countOpenChunks(tx: Queryable, runId: string): Promise<number> {
  const [row] = await tx.query(rollbackChunkStatements.countOpen, [runId])
  return row?.n as number
}

/** The mappings of a rollback, the newest first. */
export async function readRollbackTallies(tx: Queryable, runId: string): Promise<readonly RollbackTally[]> {
  const rows = await tx.query(
    `select chunk.mapping, count(*) as chunks, count(*) filter (where chunk.state = 'done') as done,
  coalesce(sum(undone) filter (where kind = 'remove'), 0) as removed,
  coalesce(sum(undone) filter (where kind = 'restore'), 0) as restored,
  coalesce(sum(kept), 0) as kept, coalesce(sum(gone), 0) as gone
from drover.rollback_chunk as chunk
join drover.step on step.run_id = chunk.run_id and step.mapping = chunk.mapping
where chunk.run_id = $1
group by chunk.mapping, step.position
order by step.position desc`,
    [runId],
  )
  const count = (value: unknown) => BigInt(value as string)
  return rows.map((row) => ({
    mapping: row.mapping as string,
    chunks: count(row.chunks),
    chunksDone: count(row.done),
    removed: count(row.removed),
    restored: count(row.restored),
    kept: count(row.kept),
    gone: count(row.gone),
  }))
}

function readChunk(row: Row): RollbackChunk {
  return row as unknown as RollbackChunk
}
