import { describe, expect, test } from 'vitest'
import { patience, pauseMs } from '../../src/db/patience.ts'

describe('pauses', () => {
  test('double up to a limit, and differ from worker to worker', () => {
    expect([1, 2, 3, 4, 7, 20].map((failures) => pauseMs(failures, 1))).toEqual([100, 200, 400, 800, 5_000, 5_000])
    expect(pauseMs(3, 0)).toBe(200)
  })
})

describe('patience', () => {
  test('ends after so many conflicts in a row', () => {
    const patient = patience({ tries: 3, outageMs: 1_000 })
    expect(patient.afterFailure('retry', 0)).toBeGreaterThan(0)
    expect(patient.afterFailure('retry', 0)).toBeGreaterThan(0)
    expect(patient.afterFailure('retry', 0)).toBeUndefined()
  })

  test('ends when a server was away for so long, however often it was tried', () => {
    const patient = patience({ tries: 3, outageMs: 1_000 })
    for (let nowMs = 5_000; nowMs < 6_000; nowMs += 50) {
      expect(patient.afterFailure('reconnect', nowMs)).toBeGreaterThan(0)
    }
    expect(patient.afterFailure('reconnect', 6_000)).toBeUndefined()
  })

  test('is whole again after a success, and after an answer of the server', () => {
    const patient = patience({ tries: 2, outageMs: 1_000 }, () => 1)
    patient.afterFailure('reconnect', 0)
    patient.afterFailure('retry', 900)
    expect(patient.afterFailure('reconnect', 1_800)).toBeDefined()
    patient.afterSuccess()
    expect(patient.afterFailure('retry', 1_900)).toBe(100)
  })
})
