import { expect, test } from 'vitest'
import type { Sample } from '../../src/monitor/sample.ts'
import { type Seen, seeMore } from '../../src/monitor/seen.ts'

const calm: Sample = {
  atMs: 1,
  replicationLagSeconds: null,
  blockedSessions: 0,
  activeSessions: 0,
  autovacuums: 0,
  walBytes: 1,
  databaseBytes: 1,
  chunkMs: null,
  rows: 0,
  waits: {},
  lockWaits: [],
  tempFiles: 0,
  tempBytes: 0,
  checkpointsTimed: 0,
  checkpointsRequested: 0,
  freeDiskBytes: null,
}
const hidden: Seen['hidden'] = [{ figure: 'freeDiskBytes', why: 'the server is not on this machine' }]
const seen = (...samples: readonly Partial<Sample>[]) =>
  samples.reduce<Seen | undefined>((before, sample) => seeMore(before, { ...calm, ...sample }, hidden), undefined)

test('what was seen is kept: how often for what and for whom was waited, the largest lag, the least free disk', () => {
  const holder = (applicationName: string) => ({ pid: 1, applicationName })
  expect(
    seen(
      { waits: { none: 2 }, replicationLagSeconds: 3, freeDiskBytes: 500 },
      {
        waits: { none: 1, 'Lock: tuple': 1 },
        lockWaits: [
          { worker: 'a', holders: [holder('psql'), holder('drover run 7 b')] },
          { worker: 'c', holders: [holder('drover run 7 a')] },
        ],
        replicationLagSeconds: 9,
        freeDiskBytes: 700,
      },
      { replicationLagSeconds: null, freeDiskBytes: 400 },
    ),
  ).toEqual({
    waits: { none: 3, 'Lock: tuple': 1 },
    lockHolders: { psql: 1, drover: 2 },
    replicationLagSeconds: 9,
    freeDiskBytes: 400,
    hidden,
  })
})

test('what was never seen is null, and not none', () => {
  expect(seen({}, {})).toMatchObject({ replicationLagSeconds: null, freeDiskBytes: null, waits: {}, lockHolders: {} })
})
