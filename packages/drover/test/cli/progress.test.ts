import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { renderBalance } from '../../src/cli/balance.ts'
import { showProgress } from '../../src/cli/progress.ts'
import { barsView } from '../../src/cli/progress-bars.ts'
import { eventsView } from '../../src/cli/progress-events.ts'
import { fitBars } from '../../src/cli/progress-layout.ts'
import { linesView } from '../../src/cli/progress-lines.ts'
import { movingSpeed } from '../../src/cli/speed.ts'
import type { Database } from '../../src/db/connection.ts'
import type { Tally } from '../../src/ledger/tally.ts'
import { done, halfway, loading, sample, terminal, untouched } from './tallies.ts'

describe('bars', () => {
  it('show state, rows, speed and quarantined rows', () => {
    const view = barsView(terminal(100))
    view(sample(0, loading, done))
    expect(view(sample(2_000, halfway, done)).split('\n')).toEqual([
      '\x1b[4A\r\x1b[Jrun 7, 2.0 s',
      '  mapping                                  state         rows         of   rows/s  quarantined',
      '▸ values     ██████████████░░░░░░░░░░░░░░  loading  1,000,000  2,000,000  500,000           10',
      '✓ providers  ████████████████████████████  done     2,000,000  2,000,000   49,383            0',
      '',
    ])
  })

  it.each([200, 100, 80, 60, 40, 20])('fit into %i columns', (columns) => {
    const lines = barsView(terminal(columns))(sample(0, halfway, done)).split('\n')
    for (const line of lines) expect(line.length).toBeLessThan(columns)
  })

  it('leave out whole fields where the terminal is narrow, never the rows', () => {
    const bars = [{ tally: halfway, state: 'loading', rowsPerSecond: 500_000 } as const]
    expect([99, 79, 59, 49, 41].map((columns) => fitBars(bars, columns)[0]!.trim().split(/ +/))).toEqual([
      ['mapping', 'state', 'rows', 'of', 'rows/s', 'quarantined'],
      ['mapping', 'state', 'rows', 'of', 'rows/s', 'quarantined'],
      ['mapping', 'rows', 'of', 'quarantined'],
      ['mapping', 'rows', 'of'],
      ['mapping', 'rows', 'of'],
    ])
    for (const line of fitBars(bars, 41)) expect(line.length).toBeLessThanOrEqual(41)
  })

  it('show the mappings at work where there are more than the terminal has lines', () => {
    const many = Array.from(
      { length: 50 },
      (_, i) => ({ ...done, mapping: `m${i}`, state: i < 30 ? 'done' : 'waiting' }) as Tally,
    )
    const lines = barsView(terminal(80, 12))(sample(0, halfway, ...many))
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(4)
    expect(lines.at(-1)).toBe('  … 30 done, 20 waiting')
  })
})

describe('lines', () => {
  it('tell when a mapping starts, how it goes on, and when it ends', () => {
    const view = linesView()
    expect(view(sample(0, untouched))).toBe('')
    expect(view(sample(200, loading))).toBe('values: started, 2,000,000 rows\n')
    expect(view(sample(5_000, halfway))).toBe('')
    expect(view(sample(5_200, halfway))).toBe('values: 1,000,000 of 2,000,000 rows, 200,000 rows/s, 10 quarantined\n')
    expect(view(sample(9_000, { ...done, mapping: 'values' }))).toBe(
      'values: done, 2,000,000 rows in 41 s, 0 quarantined\n',
    )
    expect(view(sample(20_000, { ...done, mapping: 'values' }))).toBe('')
  })

  it('tell both ends of a mapping that was too quick to be seen', () => {
    expect(linesView()(sample(0, done)).split('\n')).toHaveLength(3)
  })

  it('tell of a run that was under way only what happened since', () => {
    const view = linesView([done, loading, { ...untouched, mapping: 'notes' }])
    expect(view(sample(0, done, halfway, { ...untouched, mapping: 'notes' }))).toBe('')
    const ended = { ...done, mapping: 'values' }
    expect(view(sample(200, done, ended, { ...loading, mapping: 'notes', sourceRows: 1n }))).toBe(
      'values: done, 2,000,000 rows in 41 s, 0 quarantined\nnotes: started, 1 row\n',
    )
  })

  it.each([
    ['pausing', /^Pausing after the chunks under way\. Ctrl-C again stops at once\.\n/],
    ['leaving', /^Leaving after the chunks under way; the run goes on\. Ctrl-C again stops at once\.\n/],
  ] as const)('tell once that the run is %s', (stopping, told) => {
    const view = linesView()
    const last = { ...sample(0, loading), stopping }
    expect(view(last)).toMatch(told)
    expect(view(last)).toBe('')
  })
})

describe('events', () => {
  it('are JSON lines for what has changed, counts as text', () => {
    const view = eventsView()
    expect(
      view(sample(0, loading, done))
        .trimEnd()
        .split('\n'),
    ).toHaveLength(2)
    const [line, ...rest] = view(sample(200, halfway, done))
      .trimEnd()
      .split('\n')
    expect(rest).toEqual([])
    expect(JSON.parse(line!)).toMatchObject({ event: 'progress', runId: '7', mapping: 'values', read: '1000000' })
  })
})

describe('speed', () => {
  it('is an average over the last five seconds', () => {
    const speed = movingSpeed()
    expect(speed(0n, 0)).toBeUndefined()
    expect(speed(1_000n, 1_000)).toBe(1_000)
    expect(speed(1_000n, 5_000)).toBe(200)
    expect(speed(1_000n, 6_000)).toBe(0)
    expect(speed(3_000n, 8_000)).toBeCloseTo(285.7, 1)
  })
})

describe('the balance', () => {
  it('marks what does not add up, and what is not done', () => {
    const lost = { ...done, loaded: 1_999_999n }
    expect(
      renderBalance([lost, halfway])
        .split('\n')
        .map((line) => line.at(-1)),
    ).toEqual(['d', '✗', '…', '─', '✗'])
    expect(
      renderBalance([done])
        .split('\n')
        .map((line) => line.at(-1)),
    ).toEqual(['d', '✓', '─', '✓'])
  })
})

describe('showing progress', () => {
  const written: string[] = []
  const output = {
    isTTY: false,
    writable: true,
    write: (text: string) => written.push(text) > 0,
  } as unknown as NodeJS.WriteStream
  const show = (db: Partial<Database>, signal: AbortSignal) =>
    showProgress({ db: db as Database, runId: '7', output, signal })

  it('ends soon after the run, though the database refuses', async () => {
    const transaction = () => Promise.reject(new Error('no connection'))
    await show({ transaction }, AbortSignal.timeout(300))
    expect(written).toEqual([])
  })

  it('ends soon after the run, though the database does not answer', async () => {
    const startedAt = performance.now()
    await show(
      { transaction: () => sleep(60_000, undefined, { ref: false }) as Promise<never> },
      AbortSignal.timeout(100),
    )
    expect(performance.now() - startedAt).toBeLessThan(30_000)
  })
})
