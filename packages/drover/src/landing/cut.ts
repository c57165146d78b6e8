import { qualifiedName } from '../catalog/catalog.ts'
import type { LandingChunk } from '../ledger/landing-chunk.ts'
import type { Part } from './parts.ts'
import type { ChunkRange } from './statements.ts'

/** Enough that a chunk's own costs do not show, and that not much is lost with it. In bytes. */
const bounds = { least: 8 * 2 ** 20, most: 64 * 2 ** 20 }

/**
 * About how much a chunk carries where so much lands in all: several chunks for each worker, so that none waits for the
 * last.
 */
export function usualChunkBytes(bytes: number, workers: number): number {
  return Math.min(bounds.most, Math.max(bounds.least, bytes / (4 * workers)))
}

/** A chunk, and the file that held its part. */
export type CutChunk = ChunkRange & Pick<Part, 'filenode'>

/** The ranges of a table that lies in these parts; alike, of about `chunkBytes` and one block at least. */
export function cutChunks(parts: readonly Part[], chunkBytes: number): readonly CutChunk[] {
  return parts.flatMap(({ part, filenode, blocks, bytes }): readonly CutChunk[] => {
    if (part === null || blocks === null) return [{ part, filenode, lower: null, upper: null }]
    const atMost = Math.max(1, Math.floor((blocks * chunkBytes) / Math.max(1, bytes)))
    const perChunk = Math.max(1, Math.ceil(blocks / Math.ceil(blocks / atMost || 1)))
    const count = Math.max(1, Math.ceil(blocks / perChunk))
    return Array.from({ length: count }, (_, i) => ({
      part,
      filenode,
      lower: String(i * perChunk),
      upper: i === count - 1 ? null : String((i + 1) * perChunk),
    }))
  })
}

/**
 * Chunks that are carried over in one transaction: a part that is a chunk by itself goes with the next ones, as long as they
 * come to no more than `chunkBytes`. The transactions of two hundred partitions took longer than their rows.
 */
export function chunksTogether(
  chunks: readonly LandingChunk[],
  parts: readonly Part[],
  chunkBytes: number,
): readonly (readonly [LandingChunk, ...LandingChunk[]])[] {
  const bytesByPart = new Map(parts.map(({ part, bytes }) => [part && qualifiedName(part), bytes]))
  const groups: [LandingChunk, ...LandingChunk[]][] = []
  let room = -1
  for (const chunk of chunks) {
    const isWhole = Number(chunk.lower ?? 0) === 0 && chunk.upper === null
    const bytes = isWhole ? (bytesByPart.get(chunk.part && qualifiedName(chunk.part)) ?? chunkBytes) : chunkBytes
    if (bytes <= room) {
      groups.at(-1)!.push(chunk)
      room -= bytes
    } else {
      groups.push([chunk])
      room = chunkBytes - bytes
    }
  }
  return groups
}
