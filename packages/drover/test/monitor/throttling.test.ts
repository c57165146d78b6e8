import { describe, expect, test } from 'vitest'
import { decide } from '../../src/monitor/decide.ts'
import { defaultServerLimits, type ServerLimits } from '../../src/monitor/limits.ts'
import type { Sample } from '../../src/monitor/sample.ts'
import { describeThrottling, limitOf } from '../../src/monitor/throttling.ts'

const everything: Sample = {
  atMs: 2_000,
  replicationLagSeconds: 5,
  blockedSessions: 5,
  activeSessions: 5,
  autovacuums: 0,
  walBytes: 10_000_000,
  databaseBytes: 5_000_000,
  chunkMs: 5_000,
}
const unlimited = Object.fromEntries(Object.keys(defaultServerLimits).map((limit) => [limit, null]))

describe('the limit is known by the reason that decide gives', () => {
  test.each(Object.keys(defaultServerLimits) as (keyof ServerLimits)[])('%s', (limit) => {
    const limits = { ...unlimited, [limit]: 1 } as unknown as ServerLimits
    const decision = decide(everything, { ...everything, atMs: 1_000, walBytes: 0 }, limits)
    if (decision.action === 'go') throw new Error('it was not held back')
    expect(limitOf(decision.reason)).toBe(limit)
  })

  test('and there is none where the server could not be read, and where nothing was said', () => {
    const decision = decide(undefined, undefined, defaultServerLimits)
    expect(decision.action === 'go' ? 'go' : limitOf(decision.reason)).toBeNull()
    expect(limitOf(null)).toBeNull()
  })
})

test('each action has its words', () => {
  const words = (action: 'wait' | 'fewer-workers' | 'smaller-chunks', workers: number) =>
    describeThrottling({ action, workers, reason: 'x' })
  expect(words('wait', 0)).toBe('throttled and waits: x')
  expect(words('fewer-workers', 1)).toBe('throttled and works with 1 worker: x')
  expect(words('fewer-workers', 3)).toBe('throttled and works with 3 workers: x')
  expect(words('smaller-chunks', 3)).toBe('throttled and makes smaller chunks: x')
})
