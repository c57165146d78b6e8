import type { Queryable } from '../db/connection.ts'
import { readTimes } from './chunk-times.ts'
import { readFailures } from './failures.ts'
import { isoInstantOrNull } from './instant.ts'
import { readStrips } from './strip.ts'
import { readThroughputs } from './throughput.ts'

/**
 * How the load of a mapping went, down to its chunks. Counts are int8 as text; instants are ISO 8601 in UTC, null where it
 * has not come to that.
 */
export interface ReportCourse {
  readonly mapping: string
  readonly preparedAt: string | null
  /** When the first chunk of those that are done was begun, and the last one done. */
  readonly firstChunkAt: string | null
  readonly lastChunkAt: string | null
  readonly closedAt: string | null
  readonly chunks: string
  readonly chunksDone: string
  /** Done at the first attempt, and no part of a chunk that was split. */
  readonly atFirstAttempt: string
  /** Begun by somebody, and neither done nor given up; after a worker's death by nobody who is still there. */
  readonly begun: string
  /** How long chunks that are done took, in milliseconds: half of them at most, 95 of 100 at most; null where none is. */
  readonly medianMs: number | null
  readonly p95Ms: number | null
  /** The slowest few, the slowest first. */
  readonly slowest: readonly ReportChunk[]
  /** Attempts that did not end well, by reason, the most frequent first. */
  readonly failures: readonly ChunkFailures[]
  /** Source rows of the chunks that ended in equal slices of the time from the first chunk to the last; null before. */
  readonly throughput: Throughput | null
  /** The chunks in the order of their numbers, in cells of about equally many: what went wrong, and where. */
  readonly strip: readonly StripCell[]
}

/** One of the slowest chunks. */
export interface ReportChunk {
  readonly number: string
  readonly rows: string
  readonly ms: number
}

/** Failed attempts at chunks that share an SQLSTATE and an outcome. */
export interface ChunkFailures {
  /** Null where the worker did not live to tell. */
  readonly sqlstate: string | null
  /** What the SQLSTATE means, in words. */
  readonly why: string
  readonly outcome: 'retried' | 'split' | 'set aside' | 'failed'
  readonly attempts: string
  /** Numbers of chunks, the lowest few. */
  readonly sampleChunks: readonly string[]
}

/** Rows over time, in slices of equal length. */
export interface Throughput {
  /** Where the first slice begins. */
  readonly from: string
  readonly sliceMs: number
  /** Source rows of each slice. */
  readonly rows: readonly number[]
}

/** Chunks side by side. Numbers fit into a double: a cell never holds as many rows as that. */
export interface StripCell {
  /** Those that are neither done, begun nor failed were not begun yet, or are to be begun again. */
  readonly chunks: number
  readonly done: number
  /** Of those that are done: with attempts that failed, or parts of a chunk that was split. */
  readonly retried: number
  readonly begun: number
  /** Those that made the run fail, and were not begun since. */
  readonly failed: number
  /** Source rows of those that are done, and how many of them were set aside. */
  readonly rows: number
  readonly quarantined: number
}

/**
 * How the load of each of the named mappings went, in their order. Chunks are counted by the server: however many there
 * are, a few rows of each mapping come from it.
 */
export async function readCourses(
  tx: Queryable,
  runId: string,
  mappings: readonly { readonly name: string }[],
): Promise<readonly ReportCourse[]> {
  const steps = await readSteps(tx, runId)
  const strips = await readStrips(tx, runId, mappings.length)
  const times = await readTimes(tx, runId)
  const throughputs = await readThroughputs(tx, runId, times)
  const failures = await readFailures(tx, runId)
  return mappings.map(({ name: mapping }) => {
    const strip = strips.get(mapping) ?? []
    const time = times.get(mapping)
    const sum = (count: (cell: StripCell) => number) => String(strip.reduce((all, cell) => all + count(cell), 0))
    return {
      mapping,
      preparedAt: isoInstantOrNull(steps.get(mapping)?.preparedAt ?? null),
      firstChunkAt: isoInstantOrNull(time?.firstAt ?? null),
      lastChunkAt: isoInstantOrNull(time?.lastAt ?? null),
      closedAt: isoInstantOrNull(steps.get(mapping)?.closedAt ?? null),
      chunks: sum(({ chunks }) => chunks),
      chunksDone: sum(({ done }) => done),
      atFirstAttempt: sum(({ done, retried }) => done - retried),
      begun: sum(({ begun }) => begun),
      medianMs: time?.medianMs ?? null,
      p95Ms: time?.p95Ms ?? null,
      slowest: time?.slowest ?? [],
      failures: failures.get(mapping) ?? [],
      throughput: throughputs.get(mapping) ?? null,
      strip,
    }
  })
}

interface StepTimes {
  readonly preparedAt: string | null
  readonly closedAt: string | null
}

async function readSteps(tx: Queryable, runId: string): Promise<ReadonlyMap<string, StepTimes>> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
select mapping, started_at as "preparedAt", finished_at as "closedAt"
from drover.step
where run_id = $1`,
    [runId],
  )
  return new Map(rows.map((row) => [row.mapping as string, row as unknown as StepTimes]))
}
