import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunksTogether, cutChunks, usualChunkBytes } from '../../src/landing/cut.ts'

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

test('two hundred parts, most of them small: transactions of about the same size', () => {
  const sizes = Array.from(
    { length: 200 },
    (_, i) => (i === 7 ? 300 : i % 10 === 0 ? 12 : i % 3 === 0 ? 0 : 1) * mebibyte,
  )
  const parts = sizes.map((bytes, i) => ({
    part: { schema: 'old', name: `part ${i}` },
    filenode: `${i}`,
    blocks: Math.ceil(bytes / 8192),
    bytes,
    rows: 0,
  }))
  const most = 16 * mebibyte
  const chunks = cutChunks(parts, most).map((chunk, i) => ({
    ...chunk,
    landing: '1',
    number: `${i}`,
    isDone: false,
    rows: null,
  }))
  const groups = chunksTogether(chunks, parts, most)
  expect(groups.flat()).toEqual(chunks)
  const bytesOf = (group: (typeof groups)[number]) =>
    group.reduce((sum, { part, lower, upper }) => {
      const { bytes, blocks } = parts.find((each) => each.part.name === part!.name)!
      return sum + (bytes * (Number(upper ?? blocks) - Number(lower))) / Math.max(1, blocks)
    }, 0)
  const carried = groups.map(bytesOf)
  const all = sizes.reduce((sum, bytes) => sum + bytes, 0)
  expect(Math.max(...carried)).toBeLessThan(most + 8192)
  expect(groups.length).toBeLessThan((2 * all) / most)
})
