import { expect, test } from 'vitest'
import { describeThrottling } from '../../src/monitor/throttling.ts'

test('each action has its words', () => {
  const words = (action: 'wait' | 'fewer-workers' | 'smaller-chunks', workers: number) =>
    describeThrottling({ action, workers, limit: null, reason: 'x' })
  expect(words('wait', 0)).toBe('throttled and waits: x')
  expect(words('fewer-workers', 1)).toBe('throttled and works with 1 worker: x')
  expect(words('fewer-workers', 3)).toBe('throttled and works with 3 workers: x')
  expect(words('smaller-chunks', 3)).toBe('throttled and makes smaller chunks: x')
})
