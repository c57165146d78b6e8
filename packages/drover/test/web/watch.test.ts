import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createLive, type Moment } from '../../src/web/live.ts'

/** A run of which each look is counted, and can be held up. */
function counted(options: { readonly tookMs?: number; readonly lasts?: number } = {}) {
  const { tookMs = 0, lasts = Number.POSITIVE_INFINITY } = options
  const looks: string[] = []
  const live = createLive({
    everyMs: 20,
    read: async (runId): Promise<Moment> => {
      looks.push(runId)
      if (tookMs > 0) await sleep(tookMs)
      return { fragments: [], isLast: looks.length >= lasts }
    },
  })
  return { live, looks }
}

it('one look serves all who watch a run, and nobody is looked at whom nobody watches', async () => {
  const { live, looks } = counted()
  await sleep(60)
  expect(looks).toEqual([])
  const told = Array.from({ length: 10 }, (): Moment[] => [])
  const leave = told.map((moments) => live.watch('1', (moment) => void moments.push(moment)))
  await sleep(210)
  expect(looks.length).toBeLessThanOrEqual(11)
  expect(looks.length).toBeGreaterThan(2)
  expect(new Set(told.map((moments) => moments.length))).toEqual(new Set([looks.length]))
  for (const stop of leave) stop()
  await sleep(40)
  expect(live.watched()).toEqual([])
  const before = looks.length
  await sleep(80)
  expect(looks).toHaveLength(before)
})

it('whoever comes later sees the newest moment at once', async () => {
  const { live, looks } = counted({ tookMs: 30 })
  const leave = live.watch('1', () => {})
  await sleep(50)
  const before = looks.length
  let told = 0
  const leaveToo = live.watch('1', () => {
    told += 1
  })
  expect([told, looks.length]).toEqual([1, before])
  leave()
  leaveToo()
})

it('what takes long to read is read for a fifth of the time at most', async () => {
  const { live, looks } = counted({ tookMs: 50 })
  const leave = live.watch('1', () => {})
  await sleep(520)
  leave()
  expect(looks.length).toBeLessThanOrEqual(3)
})

it('the last moment is the last look', async () => {
  const { live, looks } = counted({ lasts: 2 })
  const told: boolean[] = []
  live.watch('1', ({ isLast }) => void told.push(isLast))
  await sleep(120)
  expect([told, looks.length, live.watched()]).toEqual([[false, true], 2, []])
})
