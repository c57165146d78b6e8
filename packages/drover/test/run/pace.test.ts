import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ChunkTime, fixedSizes, nextChunkRows, type Pace, pacedSizes } from '../../src/run/pace.ts'

const pace: Pace = { ms: 1_000, firstRows: 1_000, leastRows: 10, mostRows: 100_000, mostBytes: 10_000_000 }

/** The chunks of a mapping that takes `msPerRow`, from the first on. */
function chunksOf(count: number, msPerRow: (chunk: number) => number, overheadMs = 0): readonly ChunkTime[] {
  const history: ChunkTime[] = []
  for (let i = 0; i < count; i++) {
    const rows = nextChunkRows(history, pace)
    history.push({ rows, ms: overheadMs + rows * msPerRow(i) })
  }
  return history
}

describe('the size of the next chunk', () => {
  test('starts small, grows faster far below the aim than near it, and comes to rest there', () => {
    const rows = chunksOf(12, () => 0.01).map((chunk) => chunk.rows)
    expect(rows.slice(0, 6)).toEqual([1_000, 4_000, 16_000, 32_000, 64_000, 100_000])
    const slower = chunksOf(12, () => 0.1).map((chunk) => chunk.rows)
    expect(slower.slice(0, 5)).toEqual([1_000, 4_000, 8_000, 10_000, 10_000])
  })

  test('grows past what a chunk costs however small it is', () => {
    expect(chunksOf(12, () => 0.05, 40).at(-1)!.rows).toBeGreaterThan(15_000)
  })

  test('is cut at once after a chunk that took far too long', () => {
    expect(nextChunkRows([{ rows: 8_000, ms: 8_000 }], pace)).toBe(1_000)
    const history = [...Array.from({ length: 7 }, () => ({ rows: 50_000, ms: 1_000 })), { rows: 50_000, ms: 20_000 }]
    expect(nextChunkRows(history, pace)).toBe(2_500)
  })

  test('follows a slow change without jumping', () => {
    const steady = Array.from({ length: 7 }, () => ({ rows: 10_000, ms: 1_000 }))
    const rows = nextChunkRows([...steady, { rows: 10_000, ms: 1_500 }], pace)
    expect(rows).toBeGreaterThan(6_667)
    expect(rows).toBeLessThan(10_000)
  })

  test('is not small because the last one was: what is left between two others is as small as it is', () => {
    const steady = Array.from({ length: 7 }, () => ({ rows: 50_000, ms: 1_000 }))
    expect(nextChunkRows([...steady, { rows: 900, ms: 18 }], pace)).toBe(50_000)
  })

  test('holds no more than the bytes of the pace, from the first chunk on, and never nothing', () => {
    expect(nextChunkRows([], pace, 100)).toBe(1_000)
    expect(nextChunkRows([], pace, 50_000)).toBe(200)
    expect(nextChunkRows([], pace, 4_000_000)).toBe(2)
    expect(nextChunkRows([], pace, 40_000_000)).toBe(1)
    expect(nextChunkRows([{ rows: 200, ms: 10 }], pace, 50_000)).toBe(200)
  })

  test('stays within its bounds and never grows more than fourfold, whatever happened', () => {
    const chunk = fc.record({
      rows: fc.integer({ min: 1, max: 1e6 }),
      ms: fc.double({ min: 0, max: 1e7, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(chunk, { minLength: 1 }), (history) => {
        const rows = nextChunkRows(history, pace)
        const largest = Math.max(...history.map((each) => each.rows))
        expect(Number.isInteger(rows)).toBe(true)
        expect(rows).toBeGreaterThanOrEqual(pace.leastRows)
        expect(rows).toBeLessThanOrEqual(Math.min(pace.mostRows, Math.max(pace.leastRows, 4 * largest)))
      }),
    )
  })
})

test('each mapping has a pace of its own; a size that is given is kept', () => {
  const sizes = pacedSizes(pace)
  sizes.note('slow', { rows: 1_000, ms: 10_000 })
  sizes.note('quick', { rows: 1_000, ms: 10 })
  const rowsFor = (mapping: string) => sizes.rowsFor(mapping, null)
  expect([rowsFor('slow'), rowsFor('quick'), rowsFor('new')]).toEqual([100, 4_000, 1_000])
  const fixed = fixedSizes(77)
  fixed.note('slow', { rows: 77, ms: 10_000 })
  expect(fixed.rowsFor('slow', null)).toBe(77)
})
