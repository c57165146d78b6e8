import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { readReport } from '../../src/report/read.ts'
import type { Report } from '../../src/report/report.ts'
import { cellsFor } from '../../src/report/strip.ts'
import { slicesFor } from '../../src/report/throughput.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { withDatabase } from '../verify/fixture.ts'
import { createFailedDatabase, mendAndResume } from './troubled.ts'

let failed: TestDatabase

beforeAll(async () => {
  failed = await createFailedDatabase()
})

const reportOf = (database: TestDatabase) => withDatabase(database.url, (db) => readReport(db, '1'))

async function courseAfter(change: string): Promise<Report['courses'][number]> {
  const database = await createDatabase(failed.name)
  if (change !== '') await database.query(change)
  return (await reportOf(database)).courses[0]!
}

const sum = <T>(all: readonly T[], of: (each: T) => number) => all.reduce((total, each) => total + of(each), 0)

describe('a load that has failed', () => {
  test('tells what went wrong, by reason and outcome, with the chunks', async () => {
    const { mapping, failures } = await courseAfter('')
    expect(mapping).toBe('items')
    const [split, ...others] = failures
    expect(split).toMatchObject({ sqlstate: 'P0001', outcome: 'split' })
    expect(Number(split!.attempts)).toBeGreaterThan(3)
    expect(split!.sampleChunks[0]).toBe('2')
    expect(split!.sampleChunks.length).toBeLessThanOrEqual(5)
    expect(others).toEqual([
      {
        sqlstate: '40001',
        why: 'SQLSTATE 40001, serialization failure',
        outcome: 'retried',
        attempts: '1',
        sampleChunks: ['1'],
      },
      {
        sqlstate: '42P01',
        why: 'SQLSTATE 42P01, the table does not exist',
        outcome: 'failed',
        attempts: '1',
        sampleChunks: ['8'],
      },
      {
        sqlstate: '57014',
        why: expect.stringContaining('timeout'),
        outcome: 'split',
        attempts: '1',
        sampleChunks: ['4'],
      },
      {
        sqlstate: 'P0001',
        why: 'SQLSTATE P0001',
        outcome: 'set aside',
        attempts: '1',
        sampleChunks: expect.any(Array),
      },
    ])
  })

  test('shows where the chunk is that made it fail, and which needed more than one attempt', async () => {
    const { strip, chunks, chunksDone, atFirstAttempt, begun } = await courseAfter('')
    // Fewer chunks than cells: each has one of its own.
    expect(strip).toHaveLength(Number(chunks))
    const nothing = { done: 0, retried: 0, begun: 0, failed: 0, rows: 0, quarantined: 0 }
    const whole = { chunks: 1, done: 1, retried: 0, begun: 0, failed: 0, rows: 50, quarantined: 0 }
    expect(strip.slice(0, 8)).toEqual([
      { ...whole, retried: 1 },
      { ...whole, retried: 1, rows: expect.any(Number), quarantined: expect.any(Number) },
      whole,
      { ...whole, retried: 1, rows: 25 },
      whole,
      whole,
      whole,
      { chunks: 1, ...nothing, failed: 1 },
    ])
    // What was split is part of a chunk that had failed.
    expect(strip.slice(8).every(({ done, retried }) => done === 1 && retried === 1)).toBe(true)
    expect([Number(chunksDone), Number(atFirstAttempt), begun]).toEqual([strip.length - 1, 4, '0'])
    expect([sum(strip, ({ rows }) => rows), sum(strip, ({ quarantined }) => quarantined)]).toEqual([350, 1])
  })

  test('tells no chunk as failed that was begun again since, and of a worker that died that its chunk was begun', async () => {
    const { strip, begun } = await courseAfter('update drover.chunk set attempts = 1 where number = 8')
    expect(strip[7]).toMatchObject({ done: 0, begun: 1, failed: 0 })
    expect(begun).toBe('1')
  })

  test('counts a chunk as retried whose first worker was gone without a word', async () => {
    const before = await courseAfter('')
    const after = await courseAfter('update drover.chunk set attempts = 2 where number = 3')
    expect(after.strip[2]).toMatchObject({ done: 1, retried: 1 })
    expect(Number(after.atFirstAttempt)).toBe(Number(before.atFirstAttempt) - 1)
  })

  test('tells of an attempt without an SQLSTATE that the worker was gone', async () => {
    const { failures } = await courseAfter(
      `insert into drover.attempt (run_id, mapping, chunk, worker, sqlstate, outcome) values (1, 'items', 3, 'w', null, 'split')`,
    )
    expect(failures.find(({ sqlstate }) => sqlstate === null)).toEqual({
      sqlstate: null,
      why: 'the worker or its connection was gone before the end',
      outcome: 'split',
      attempts: '1',
      sampleChunks: ['3'],
    })
  })

  test('is followed by a mapping that was loaded, and taken up again it is loaded too', async () => {
    const database = await createDatabase(failed.name)
    await mendAndResume(database)
    const { courses, throughput } = await reportOf(database)
    const [items, others] = courses
    expect(sum(items!.strip, ({ failed: count }) => count)).toBe(0)
    // The attempt stays told, and so does the chunk that needed another.
    expect(items!.strip[7]).toMatchObject({ done: 1, retried: 1 })
    expect(items!.failures.map(({ outcome }) => outcome)).toContain('failed')
    expect(items).toMatchObject({ chunksDone: items!.chunks, closedAt: expect.any(String) })
    expect(others).toMatchObject({
      mapping: 'others',
      chunks: '1',
      atFirstAttempt: '1',
      failures: [],
      strip: [{ rows: 20 }],
    })
    expect(sum(throughput!.rows, (rows) => rows)).toBe(420)
  })
})

describe('the times of a load', () => {
  /** Chunks that begin a second apart and take as many milliseconds as ten times their number. */
  const even = `
delete from drover.chunk where mapping = 'items';
insert into drover.chunk (run_id, mapping, number, state, read, loaded, merged, matched, quarantined, excluded, attempts, started_at, finished_at)
select 1, 'items', n, 'done', 100 + n, 100 + n, 0, 0, 0, 0, 1, at, at + n * interval '10 milliseconds'
from generate_series(1, 100) as n
cross join lateral (select timestamptz '2025-06-01 08:00:00+00' + n * interval '1 second' as at) as begun;`

  test('are the median, the 95th of a hundred, and the slowest', async () => {
    const { medianMs, p95Ms, slowest, firstChunkAt, lastChunkAt } = await courseAfter(even)
    expect([medianMs, p95Ms]).toEqual([500, 950])
    expect(slowest).toEqual([100, 99, 98, 97, 96].map((n) => ({ number: `${n}`, rows: `${100 + n}`, ms: n * 10 })))
    expect([firstChunkAt, lastChunkAt]).toEqual(['2025-06-01T08:00:01Z', '2025-06-01T08:01:41Z'])
  })

  test('are cut into equal slices, and each chunk counts in that in which it ended', async () => {
    const { throughput } = await courseAfter(even)
    expect(throughput!.from).toBe('2025-06-01T08:00:01Z')
    expect(throughput!.sliceMs).toBeCloseTo(100_000 / 60, 6)
    expect(throughput!.rows).toHaveLength(60)
    // Of the first 1.67 seconds: chunks 1 (ended after 10 ms) and 2 (after 1,020 ms).
    expect(throughput!.rows[0]).toBe(101 + 102)
    expect(throughput!.rows.at(-1)).toBe(199 + 200)
    expect(sum(throughput!.rows, (rows) => rows)).toBe(100 * 100 + 5050)
  })

  test.each([
    [
      'in one instant',
      `update drover.chunk set started_at = '2025-06-01', finished_at = '2025-06-01' where mapping = 'items'`,
    ],
    [
      'by a clock that was set back',
      `update drover.chunk set finished_at = started_at - interval '1 hour' where mapping = 'items'`,
    ],
  ])('of chunks that were done %s lose no row', async (_, change) => {
    const { throughput } = await courseAfter(`${even}${change}`)
    expect(sum(throughput!.rows, (rows) => rows)).toBe(100 * 100 + 5050)
  })

  test('are not known before a chunk is done', async () => {
    const course = await courseAfter(`delete from drover.attempt; delete from drover.chunk where mapping = 'items'`)
    expect(course).toMatchObject({
      firstChunkAt: null,
      medianMs: null,
      slowest: [],
      throughput: null,
      strip: [],
      chunks: '0',
    })
  })
})

describe('the strip of many chunks', () => {
  /** Every tenth of the numbers, as chunks that were joined leave them, with adjustments after them. */
  const joined = `
delete from drover.chunk where mapping = 'items';
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, attempts, started_at, finished_at)
select 1, 'items', n, case when n > 5000 then 'adjustment' else 'range' end, 'done', 7, 7, 0, 0, 0, 0, 1, now(), clock_timestamp()
from generate_series(1, 9991, 10) as n;`

  test('has few cells of about equally many chunks, none of them empty, and no adjustments', async () => {
    const { strip, chunks } = await courseAfter(joined)
    expect(chunks).toBe('500')
    expect(strip).toHaveLength(120)
    expect(new Set(strip.map((cell) => cell.chunks))).toEqual(new Set([4, 5]))
    expect(sum(strip, ({ rows }) => rows)).toBe(3500)
  })

  test('leaves cells out that hold no chunk any more', async () => {
    const { strip } = await courseAfter(`${joined}delete from drover.chunk where number between 1000 and 4000`)
    expect(sum(strip, ({ chunks }) => chunks)).toBe(200)
    expect(strip.every(({ chunks }) => chunks > 0)).toBe(true)
  })
})

describe('a run of many mappings', () => {
  test('gets fewer cells and slices for each, and never more than a report can hold', () => {
    expect([1, 100, 1000, 5000].map(cellsFor)).toEqual([120, 120, 12, 12])
    expect([1, 100, 1000, 5000].map(slicesFor)).toEqual([60, 60, 6, 6])
    fc.assert(
      fc.property(fc.nat(3000), (mappings) => {
        expect(cellsFor(mappings + 1)).toBeLessThanOrEqual(cellsFor(mappings))
        expect(slicesFor(mappings + 1)).toBeLessThanOrEqual(slicesFor(mappings))
        expect(cellsFor(mappings) * Math.min(mappings, 1000)).toBeLessThanOrEqual(12_000)
      }),
    )
  })
})
