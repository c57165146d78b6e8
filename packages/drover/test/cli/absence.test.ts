import { afterEach, describe, expect, it, vi } from 'vitest'
import { watchAbsence } from '../../src/cli/absence.ts'
import { barsView } from '../../src/cli/progress-bars.ts'
import { eventsView } from '../../src/cli/progress-events.ts'
import { linesView } from '../../src/cli/progress-lines.ts'
import { DroverError } from '../../src/error.ts'
import { loading, sample, terminal } from './tallies.ts'

describe('a server that does not answer', () => {
  afterEach(() => void vi.useRealTimers())

  const views = { bars: barsView(terminal(80)), lines: linesView(), events: eventsView() }

  it.each(Object.entries(views))('is told of, and that it is back, as %s', (name, view) => {
    const told = (['away', 'back'] as const).map((absence) => view({ absence, runId: '7', ms: 12_000 }))
    expect(told).toEqual(
      name === 'events'
        ? ['{"event":"away","runId":"7","ms":12000}\n', '{"event":"back","runId":"7","ms":12000}\n']
        : [
            'The server has not answered for 12 s: this process tries again, and does nothing twice.\n',
            'The server answers again, after 12 s.\n',
          ],
    )
  })

  it('leaves its line on the screen: the bars go on below', () => {
    const view = barsView(terminal(80))
    view(sample(0, loading))
    view({ absence: 'away', runId: '7', ms: 12_000 })
    expect(view(sample(200, loading))).not.toContain('\x1b[')
    expect(view(sample(400, loading))).toContain('\x1b[')
  })

  it('is one that breaks connections or says nothing, and none that refuses', async () => {
    vi.useFakeTimers()
    const told: string[] = []
    const watched = watchAbsence('7', ({ absence, ms }) => void told.push(`${absence} ${Math.round(ms / 1_000)}`))
    const after = (ms: number, thrown: unknown) => async () => {
      await vi.advanceTimersByTimeAsync(ms)
      throw thrown
    }
    const refused = Object.assign(new Error('refused'), { code: '57014' })
    for (let i = 0; i < 4; i++) await watched(after(5_000, refused)).catch(() => {})
    expect(told).toEqual([])
    const lost = new DroverError('connection-lost', 'lost')
    for (let i = 0; i < 4; i++) await watched(after(4_000, lost)).catch(() => {})
    expect(told).toEqual(['away 10'])
    await watched(async () => undefined)
    expect(told).toHaveLength(1)
    await watched(async () => 'a reading')
    expect(told).toEqual(['away 10', 'back 16'])
  })
})
