import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Decision } from '../../src/monitor/decide.ts'
import { type Throttle, throttle, unthrottled } from '../../src/monitor/throttle.ts'

const go: Decision = { action: 'go' }
const because = (action: 'wait' | 'fewer-workers' | 'smaller-chunks'): Decision => ({
  action,
  limit: null,
  reason: 'x',
})

const after = (start: Throttle, most: number, ...decisions: readonly Decision[]) =>
  decisions.reduce((now, decision) => throttle(now, decision, most), start)

const calm = (times: number) => Array.from({ length: times }, () => go)

test('down at once, up step by step', () => {
  const four = unthrottled(4)
  expect(after(four, 4, because('wait')).workers).toBe(0)
  expect(after(four, 4, because('wait'), go).workers).toBe(2)
  expect(after(four, 4, because('wait'), because('wait'), go).workers).toBe(2)
  expect(after(four, 4, because('wait'), ...calm(5)).workers).toBe(3)
  expect(after(four, 4, because('wait'), ...calm(10)).workers).toBe(4)
  expect(after(four, 4, ...Array.from({ length: 9 }, () => because('fewer-workers'))).workers).toBe(1)
  expect(after(four, 4, because('fewer-workers'), because('wait'), go).workers).toBe(2)
})

test('chunks shrink by halves to a sixteenth, and grow back', () => {
  const now = after(unthrottled(2), 2, ...Array.from({ length: 9 }, () => because('smaller-chunks')))
  expect(now).toMatchObject({ workers: 2, chunkShare: 1 / 16 })
  expect(after(now, 2, ...calm(5)).chunkShare).toBe(1 / 8)
  expect(after(now, 2, ...calm(20)).chunkShare).toBe(1)
})

test('whatever is decided, workers and shares stay within their bounds, and calm brings full strength back', () => {
  const decision = fc.constantFrom(go, because('wait'), because('fewer-workers'), because('smaller-chunks'))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), fc.array(decision, { maxLength: 60 }), (most, decisions) => {
      let now = unthrottled(most)
      for (const each of decisions) {
        now = throttle(now, each, most)
        expect(now.workers).toBeGreaterThanOrEqual(each.action === 'wait' ? 0 : 1)
        expect(now.workers === 0).toBe(each.action === 'wait')
        expect(now.workers).toBeLessThanOrEqual(most)
        expect(now.chunkShare).toBeGreaterThanOrEqual(1 / 16)
        expect(now.chunkShare).toBeLessThanOrEqual(1)
      }
      expect(after(now, most, ...calm(5 * 20))).toMatchObject({ workers: most, chunkShare: 1 })
    }),
  )
})
