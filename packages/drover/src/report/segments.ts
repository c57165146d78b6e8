import type { Queryable } from '../db/connection.ts'
import { sha256 } from './chain.ts'
import { isoInstantOrNull } from './instant.ts'

/** Segments of a run at most, but for one more a mapping. */
const mostSegments = 20_000

/**
 * The sums of chunks with adjacent numbers; of one chunk where there are few. Counts are int8, as text. An adjustment
 * is an entry that moves rows, already counted, from one disposition to another: it has a number like a chunk, and
 * reads nothing.
 */
export interface ChunkSegment {
  readonly mapping: string
  /** Numbers. */
  readonly first: string
  readonly last: string
  readonly chunks: string
  readonly chunksDone: string
  readonly adjustments: string
  readonly read: string
  readonly loaded: string
  readonly merged: string
  readonly matched: string
  readonly quarantined: string
  readonly excluded: string
  /** When the last of them that is done was done, to the microsecond; null where none is. */
  readonly finishedAt: string | null
  /**
   * Made by the server: SHA-256 of a line each for chunks and adjustments in the order of their numbers, joined by line
   * feeds, in hexadecimal. A line is, with a space between: number, kind (`range`, `adjustment`), state (`open`,
   * `done`), read, loaded, merged, matched, quarantined, excluded (0 where it is not known yet), and when it was done
   * in UTC as `2025-01-31T09:30:00.250000Z`, or `-`.
   *
   * The same by hand, of the rows that the segment names:
   *
   * ```sh
   * psql -XqAt -c "set timezone = 'UTC'" -c "select concat_ws(' ', number, kind, state,
   *     coalesce(read, 0), coalesce(loaded, 0), coalesce(merged, 0), coalesce(matched, 0),
   *     coalesce(quarantined, 0), coalesce(excluded, 0),
   *     coalesce(to_char(finished_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '-'))
   *   from drover.chunk where run_id = 7 and mapping = 'visits' and number between 1 and 500 order by number" |
   *   head -c -1 | sha256sum
   * ```
   */
  readonly digest: string
}

/**
 * The segments of a run: of the mappings in the plan's order, of each in the order of numbers, in one query.
 * `linesPerSegment`: how many chunks and adjustments make one; null, the default: as many as give {@link mostSegments}, at
 * least one.
 */
export async function readSegments(
  tx: Queryable,
  runId: string,
  linesPerSegment: number | bigint | null = null,
): Promise<readonly ChunkSegment[]> {
  const rows = await tx.query(
    // In the order of the primary key as long as chunks are looked at: only segments are sorted.
    `/* drover run ${runId} report */
select segment.*
from drover.step
join (
  select mapping, place, min(number) as first, max(number) as last,
    count(*) filter (where kind = 'range') as chunks,
    count(*) filter (where kind = 'range' and state = 'done') as chunks_done,
    count(*) filter (where kind = 'adjustment') as adjustments,
    coalesce(sum(read), 0) as read,
    coalesce(sum(loaded), 0) as loaded,
    coalesce(sum(merged), 0) as merged,
    coalesce(sum(matched), 0) as matched,
    coalesce(sum(quarantined), 0) as quarantined,
    coalesce(sum(excluded), 0) as excluded,
    max(finished_at) as finished_at,
    encode(sha256(convert_to(string_agg(line, e'\\n' order by number), 'UTF8')), 'hex') as digest
  from (
    select mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at,
      (row_number() over (partition by mapping order by number) - 1) / size.lines as place,
      concat_ws(' ', number, kind, state, coalesce(read, 0), coalesce(loaded, 0), coalesce(merged, 0), coalesce(matched, 0),
        coalesce(quarantined, 0), coalesce(excluded, 0),
        coalesce(to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '-')) as line
    from drover.chunk
    cross join (
      select coalesce($2::bigint, greatest(1, ceil(count(*) / $3::numeric)::bigint)) as lines
      from drover.chunk
      where run_id = $1
    ) as size
    where run_id = $1
  ) as placed
  group by mapping, place
) as segment using (mapping)
where step.run_id = $1
order by step.position, segment.place`,
    [runId, linesPerSegment, mostSegments],
  )
  return rows.map((row) => ({
    mapping: row.mapping as string,
    first: row.first as string,
    last: row.last as string,
    chunks: row.chunks as string,
    chunksDone: row.chunks_done as string,
    adjustments: row.adjustments as string,
    read: row.read as string,
    loaded: row.loaded as string,
    merged: row.merged as string,
    matched: row.matched as string,
    quarantined: row.quarantined as string,
    excluded: row.excluded as string,
    finishedAt: isoInstantOrNull(row.finished_at as string | null),
    digest: row.digest as string,
  }))
}

/** Chunks and adjustments of a segment: the lines of its digest. */
export function linesOf({ chunks, adjustments }: ChunkSegment): bigint {
  return BigInt(chunks) + BigInt(adjustments)
}

/** The digest of a segment of one line, from its own sums; of several lines the sums do not tell it: null. */
export function digestOfOne(segment: ChunkSegment): string | null {
  if (linesOf(segment) !== 1n) return null
  const { first, adjustments, read, loaded, merged, matched, quarantined, excluded, finishedAt } = segment
  const [kind, state] =
    adjustments === '1' ? ['adjustment', 'done'] : ['range', segment.chunksDone === '1' ? 'done' : 'open']
  const done = finishedAt === null ? '-' : toMicroseconds(finishedAt)
  return sha256([first, kind, state, read, loaded, merged, matched, quarantined, excluded, done].join(' '))
}

/** The server leaves out zeros at the end: `09:30:00.25Z` as `09:30:00.250000Z`. */
function toMicroseconds(instant: string): string {
  const [, seconds, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(instant) ?? []
  return `${seconds}.${fraction.padEnd(6, '0')}Z`
}
