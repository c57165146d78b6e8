import { describe, expect, test } from 'vitest'
import { decide, walBytesPerSecond } from '../../src/monitor/decide.ts'
import { defaultServerLimits, type ServerLimits } from '../../src/monitor/limits.ts'
import type { Pressure } from '../../src/monitor/sample.ts'

const calm: Pressure = {
  atMs: 10_000,
  replicationLagSeconds: null,
  blockedSessions: 0,
  activeSessions: 0,
  walBytes: 1_000_000_000,
  databaseBytes: 5_000_000_000,
  chunkMs: null,
}
const before: Pressure = { ...calm, atMs: 8_000, walBytes: 900_000_000 }

const strict: ServerLimits = {
  replicationLagSeconds: 30,
  blockedSessions: 0,
  activeSessions: 10,
  walBytesPerSecond: 60_000_000,
  databaseBytes: 6_000_000_000,
  chunkMs: 5_000,
}

const open: ServerLimits = {
  replicationLagSeconds: null,
  blockedSessions: null,
  activeSessions: null,
  walBytesPerSecond: null,
  databaseBytes: null,
  chunkMs: null,
}

const worst: Pressure = {
  atMs: 10_000,
  replicationLagSeconds: 42.04,
  blockedSessions: 3,
  activeSessions: 99,
  walBytes: 2_000_000_000,
  databaseBytes: 9_000_000_000,
  chunkMs: 60_000,
}

test('a calm server is worked on, and so is one without limits', () => {
  expect(decide(calm, before, strict)).toEqual({ action: 'go' })
  expect(decide(calm, undefined, defaultServerLimits)).toEqual({ action: 'go' })
  expect(decide(worst, before, open)).toEqual({ action: 'go' })
})

test('a server that cannot be read is let alone', () => {
  expect(decide(undefined, before, open)).toEqual({
    action: 'wait',
    limit: null,
    reason: 'the state of the server could not be read',
  })
})

describe('each limit has its decision, with figure and limit', () => {
  test.each([
    [{ replicationLagSeconds: 30.04 }, 'wait', 'a replica is 30 s behind, the limit is 30 s'],
    [{ blockedSessions: 1 }, 'wait', 'sessions of others that wait for locks of this run: 1, the limit is 0'],
    [{ databaseBytes: 6_100_000_000 }, 'wait', 'the database has 6100 MB, the limit is 6000 MB'],
    [{ activeSessions: 11 }, 'fewer-workers', 'active sessions of others: 11, the limit is 10'],
    [{ walBytes: 1_030_000_000 }, 'fewer-workers', 'the server writes 65 MB of log a second, the limit is 60 MB'],
    [{ chunkMs: 5_060 }, 'smaller-chunks', 'nine of ten chunks take up to 5.1 s, the limit is 5 s'],
  ] as const)('%o', (change, action, reason) => {
    const [figure] = Object.keys(change)
    const limit = figure === 'walBytes' ? 'walBytesPerSecond' : figure
    expect(decide({ ...calm, ...change }, before, strict)).toEqual({ action, limit, reason })
  })

  test('the limit itself is still allowed', () => {
    const at = {
      replicationLagSeconds: 30,
      activeSessions: 10,
      databaseBytes: 6_000_000_000,
      chunkMs: 5_000,
      walBytes: 1_020_000_000,
    }
    expect(decide({ ...calm, ...at }, before, strict)).toEqual({ action: 'go' })
  })
})

test('what harms others most is said first', () => {
  const order: (keyof ServerLimits)[] = [
    'replicationLagSeconds',
    'blockedSessions',
    'databaseBytes',
    'activeSessions',
    'walBytesPerSecond',
    'chunkMs',
  ]
  let limits = strict
  const actions = order.map((limit) => {
    const decision = decide(worst, before, limits)
    limits = { ...limits, [limit]: null }
    return decision.action
  })
  expect(actions).toEqual(['wait', 'wait', 'wait', 'fewer-workers', 'fewer-workers', 'smaller-chunks'])
})

test('a rate needs two samples of a server that tells, some time apart', () => {
  expect(walBytesPerSecond(calm, before)).toBe(50_000_000)
  expect(walBytesPerSecond(calm, undefined)).toBeNull()
  expect(walBytesPerSecond(calm, { ...before, walBytes: null })).toBeNull()
  expect(walBytesPerSecond(calm, calm)).toBeNull()
})
