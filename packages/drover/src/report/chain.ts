import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'
import type { ReportRun } from './report.ts'
import type { ChunkSegment } from './segments.ts'

/**
 * The last link of the chain over the sums of a run's chunks. The first link is the SHA-256 of the canonical JSON of
 * what names the run: `{ createdAt, drover, id, migration, planHash, settings, startedAt, startedBy }` of the report's
 * `run`. Each segment adds one: the SHA-256 of the link before it in hexadecimal, a line feed, and the segment's
 * canonical JSON.
 */
export function chainOf(run: ReportRun, segments: readonly ChunkSegment[]): string {
  const { createdAt, drover, id, migration, planHash, settings, startedAt, startedBy } = run
  const first = sha256(canonicalJson({ createdAt, drover, id, migration, planHash, settings, startedAt, startedBy }))
  return segments.reduce((link, segment) => sha256(`${link}\n${canonicalJson(segment)}`), first)
}

/** SHA-256 of a text as UTF-8, in hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
