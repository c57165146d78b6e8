import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { renderLeft } from '../../src/cli/estimate-text.ts'
import { type Sample, showProgress } from '../../src/cli/progress.ts'
import { barsView } from '../../src/cli/progress-bars.ts'
import { eventsView } from '../../src/cli/progress-events.ts'
import { linesView } from '../../src/cli/progress-lines.ts'
import type { Database, Row } from '../../src/db/connection.ts'
import type { Throttling } from '../../src/ledger/sample.ts'
import { renderRange } from '../../src/report/estimate-words.ts'
import { done, halfway, sample, terminal } from './tallies.ts'

const estimate = { rowsPerSecond: 20_000.4, leastMs: 43_200.7, mostMs: 58_400 }
const outstanding = { estimate, remaining: { rows: 1_000_000, uncounted: ['visits', 'notes'] } }
const behind = (seconds: number): Throttling => ({
  process: 'host.12',
  action: 'wait',
  limit: 'replicationLagSeconds',
  reason: `a replica is ${seconds} s behind, the limit is 30 s`,
  workers: 0,
})
const slowed: Throttling = {
  process: 'host.34',
  action: 'fewer-workers',
  limit: 'activeSessions',
  reason: 'active sessions of others: 11, the limit is 10',
  workers: 1,
}

const at = (atMs: number, ...throttling: readonly Throttling[]): Sample => ({
  ...sample(atMs, halfway),
  outstanding,
  throttling,
})

describe('an estimate', () => {
  it.each([
    [43_200, 58_400, '43 to 58 s'],
    [58_000, 70_000, '58 s to 1 min 10 s'],
    [9_400, 12_000, '9.4 to 12 s'],
    [800, 1_200, '800 ms to 1.2 s'],
    [70_000, 130_000, '1 min 10 s to 2 min 10 s'],
    [3_000_000, 4_000_000, '50 min 0 s to 1 h 6 min'],
    [43_200, 43_300, '43 s'],
  ])('of %i to %i ms reads %s', (leastMs, mostMs, text) => {
    expect(renderRange({ leastMs, mostMs })).toBe(text)
  })

  it('says what it does not cover, and nothing where there is nothing to go by', () => {
    const left = (rows: number, ...uncounted: readonly string[]) =>
      renderLeft({ estimate, remaining: { rows, uncounted } })
    expect(left(10)).toBe('43 to 58 s left')
    expect(left(10, 'a')).toBe('43 to 58 s left, then 1 more mapping')
    expect(left(10, 'a', 'b')).toBe('43 to 58 s left, then 2 more mappings')
    expect(left(0, 'a')).toBeUndefined()
    expect(renderLeft({ ...outstanding, estimate: null })).toBeUndefined()
  })
})

describe('the head of the bars', () => {
  const head = (columns: number, moment: Sample) => {
    const view = barsView(terminal(columns))
    view(sample(0, halfway))
    return view(moment).split('\n')[0]!.split('\x1b[J')[1]
  }

  it('tells how long the run will take, and that it is throttled and why', () => {
    expect(head(160, sample(12_000, halfway))).toBe('run 7, 12 s')
    expect(head(160, at(12_000))).toBe('run 7, 12 s · 43 to 58 s left, then 2 more mappings')
    expect(head(160, at(12_000, behind(45)))).toBe(
      'run 7, 12 s · 43 to 58 s left, then 2 more mappings · throttled and waits: a replica is 45 s behind, the limit is 30 s',
    )
  })

  it('tells of many processes the one that holds back most', () => {
    expect(head(160, { ...sample(12_000, halfway), throttling: [slowed, behind(45)] })).toBe(
      'run 7, 12 s · throttled and waits: a replica is 45 s behind, the limit is 30 s (1 more)',
    )
    expect(head(160, { ...sample(12_000, halfway), throttling: [slowed] })).toBe(
      'run 7, 12 s · throttled and works with 1 worker: active sessions of others: 11, the limit is 10',
    )
  })

  it('leaves out the estimate where the terminal is narrow, then the end of the reason', () => {
    expect(head(90, at(12_000, behind(45)))).toBe(
      'run 7, 12 s · throttled and waits: a replica is 45 s behind, the limit is 30 s',
    )
    expect(head(60, at(12_000, behind(45)))).toBe('run 7, 12 s · throttled and waits: a replica is 45 s behin…')
    expect(head(30, at(12_000))).toBe('run 7, 12 s')
  })

  it('keeps nothing of it on the screen when the run is through, and no estimate of one that pauses', () => {
    expect(head(160, { ...at(12_000, behind(45)), tallies: [done] })).toBe('run 7, 12 s')
    expect(head(160, { ...at(12_000, behind(45)), stopping: 'pausing' })).toBe(
      'run 7, 12 s · throttled and waits: a replica is 45 s behind, the limit is 30 s',
    )
  })
})

describe('lines', () => {
  it('tell the estimate below those between, every few seconds', () => {
    const view = linesView()
    const told = [0, 3_000, 5_000, 8_000, 9_000, 10_000].map((atMs) => view(at(atMs)).split('\n').slice(0, -1))
    expect(told.map((lines) => lines.filter((line) => line.includes('left')))).toEqual([
      [],
      [],
      ['run 7: 43 to 58 s left, then 2 more mappings'],
      [],
      [],
      ['run 7: 43 to 58 s left, then 2 more mappings'],
    ])
    expect(told[2]![0]).toMatch(/^values: 1,000,000 of 2,000,000 rows/)
  })

  it('tell the estimate no oftener where several mappings have their lines', () => {
    const view = linesView()
    const moment = (atMs: number, ...names: readonly string[]) => ({
      ...at(atMs),
      tallies: names.map((mapping) => ({ ...halfway, mapping })),
    })
    view(moment(0, 'a'))
    view(moment(2_000, 'a', 'b'))
    expect(view(moment(5_000, 'a', 'b'))).toMatch(/^a: .*\nrun 7: .* left/)
    expect(view(moment(7_000, 'a', 'b'))).toMatch(/^b: .*\n$/)
  })

  it('tell when a process begins to hold back, why, and when it has stopped', () => {
    const view = linesView()
    const told = (moment: Sample) =>
      view(moment)
        .split('\n')
        .filter((line) => line.includes('throttled'))
    expect(told(at(0))).toEqual([])
    expect(told(at(200, behind(45)))).toEqual([
      'host.12 is throttled and waits: a replica is 45 s behind, the limit is 30 s',
    ])
    // Neither a figure that moves nor a moment of calm is news.
    expect(told(at(400, behind(46)))).toEqual([])
    expect(told(at(3_000))).toEqual([])
    expect(told(at(5_000, behind(31)))).toEqual([])
    expect(told(at(9_900))).toEqual([])
    expect(told(at(10_000))).toEqual(['host.12 is not throttled any more'])
    expect(told(at(20_000))).toEqual([])
    expect(told(at(21_000, behind(99)))).toHaveLength(1)
  })
})

describe('events', () => {
  it('tell an estimate when it changes', () => {
    const view = eventsView()
    const told = (moment: Sample) =>
      view(moment)
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
        .filter(({ event }) => event === 'estimate')
    expect(told(sample(0, halfway))).toEqual([])
    expect(told(at(200))).toEqual([
      {
        event: 'estimate',
        runId: '7',
        remainingRows: '1000000',
        uncounted: ['visits', 'notes'],
        rowsPerSecond: 20_000,
        leastMs: 43_201,
        mostMs: 58_400,
      },
    ])
    expect(told(at(400))).toEqual([])
    expect(told({ ...at(600), outstanding: { ...outstanding, estimate: { ...estimate, leastMs: 1 } } })).toMatchObject([
      { leastMs: 1 },
    ])
  })

  it('tell when a process is throttled, otherwise or for another reason, and released', () => {
    const view = eventsView()
    const told = (moment: Sample) =>
      view(moment)
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
        .filter(({ event }) => event === 'throttled' || event === 'released')
    const throttled = { event: 'throttled', runId: '7', ...behind(45) }
    const blocked = { ...behind(0), limit: 'blockedSessions' }
    expect(told(at(0, behind(45)))).toEqual([throttled])
    expect(told(at(200, behind(50)))).toEqual([])
    expect(told(at(400, blocked))).toEqual([{ ...throttled, ...blocked }])
    expect(told(at(600, blocked, slowed))).toMatchObject([{ process: 'host.34', limit: 'activeSessions', workers: 1 }])
    expect(told(at(5_600))).toEqual([
      { event: 'released', runId: '7', process: 'host.12' },
      { event: 'released', runId: '7', process: 'host.34' },
    ])
  })
})

describe('reading', () => {
  it('takes one transaction, and estimates more rarely than it looks', async () => {
    const queries: string[] = []
    let transactions = 0
    const query = async (text: string): Promise<readonly Row[]> => {
      queries.push(text)
      return []
    }
    const transaction: Database['transaction'] = (work) => {
      transactions += 1
      const copy = () => Promise.reject(new Error('It copies nothing.'))
      return work({ query, copyOut: copy, copyIn: copy })
    }
    const output = { isTTY: false, writable: true, write: () => true } as unknown as NodeJS.WriteStream
    const stop = new AbortController()
    const shown = showProgress({ db: { transaction } as Database, runId: '7', output, signal: stop.signal })
    await sleep(700)
    stop.abort()
    await shown
    const asked = (word: string) => queries.filter((text) => text.includes(word)).length
    expect(transactions).toBeGreaterThanOrEqual(3)
    expect(asked('from drover.sample')).toBe(transactions)
    expect(asked('as slice')).toBe(1)
  })
})
