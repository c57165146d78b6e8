import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutChunks, usualChunkBytes } from '../../src/landing/cut.ts'

const mebibyte = 2 ** 20

test('ranges follow each other from the first block on, alike, none beyond the end', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(64 * mebibyte), fc.nat(100_000), (blocks, chunkBytes, outOfLine) => {
      const bytes = blocks * 8192 + outOfLine
      const part = { schema: 'old', name: 'a' }
      const chunks = cutChunks([{ part, filenode: '1', blocks, bytes, rows: 0 }], chunkBytes)
      const lowers = chunks.map(({ lower }) => Number(lower))
      expect(lowers[0]).toBe(0)
      expect(chunks.map(({ upper }) => upper)).toEqual([...chunks.slice(1).map(({ lower }) => lower), null])
      const sizes = lowers.map((lower, i) => (lowers[i + 1] ?? blocks) - lower)
      expect(sizes.slice(0, -1).every((size) => size === sizes[0])).toBe(true)
      if (blocks > 0) expect(sizes.at(-1)).toBeGreaterThan(0)
      expect(sizes[0]! <= 1 || sizes[0]! * (bytes / blocks) <= chunkBytes).toBe(true)
    }),
  )
})

test.each([
  ['little', mebibyte, 2, 8],
  ['as much as goes into several for each worker', 320 * mebibyte, 2, 40],
  ['the same by more workers', 320 * mebibyte, 4, 20],
  ['much', 10_000 * mebibyte, 2, 64],
])('a chunk carries from 8 to 64 MiB: %s', (_, bytes, workers, expected) => {
  expect(usualChunkBytes(bytes, workers)).toBe(expected * mebibyte)
})
