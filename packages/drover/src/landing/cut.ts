import type { Part } from './parts.ts'
import type { ChunkRange } from './statements.ts'

/** About how much a chunk carries: enough that its own costs do not show, and that not much is lost with it. In bytes. */
export const usualChunkBytes = 64 * 2 ** 20

/** A chunk, and the file that held its part. */
export type CutChunk = ChunkRange & Pick<Part, 'filenode'>

/** The ranges of a table that lies in these parts; each of about `chunkBytes`, of one block at least. */
export function cutChunks(
  parts: readonly Part[],
  chunkBytes: number,
): readonly (ChunkRange & Pick<Part, 'filenode'>)[] {
  return parts.flatMap(({ part, filenode, blocks, bytes }): readonly CutChunk[] => {
    if (part === null || blocks === null) return [{ part, filenode, lower: null, upper: null }]
    const perChunk = Math.max(1, Math.floor((blocks * chunkBytes) / Math.max(1, bytes)))
    const count = Math.max(1, Math.ceil(blocks / perChunk))
    return Array.from({ length: count }, (_, i) => ({
      part,
      filenode,
      lower: String(i * perChunk),
      upper: i === count - 1 ? null : String((i + 1) * perChunk),
    }))
  })
}
