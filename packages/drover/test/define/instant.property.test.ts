import fc from 'fast-check'
import { expect, test } from 'vitest'
import { businessDate, type Expression, instant, sql } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { type Cell, carry } from './carry.ts'
import { type ClockReading, clockAt, jumpsOf, readClock } from './wall-clock-oracle.ts'

/** Jumps of an hour, of half of one, of a quarter, of a whole day, at midnight and a minute after it. */
const zones = [
  ...['America/Chicago', 'Europe/Berlin', 'Europe/Dublin', 'Australia/Lord_Howe', 'Pacific/Apia', 'Pacific/Kwajalein'],
  ...['Asia/Kathmandu', 'Asia/Pyongyang', 'America/St_Johns', 'America/Sao_Paulo', 'Africa/Casablanca', 'UTC'],
]
// Years in which the time zone data of any age agree.
const [from, until] = [Date.UTC(1971), Date.UTC(2024)]
const hourMs = 3_600_000
const dayMs = 24 * hourMs

interface Sample {
  readonly zone: string
  readonly shownMs: number
  readonly microseconds: number
}

const nearJump = (zone: string) => {
  const shown = jumpsOf(zone, from, until).flatMap((at) => [clockAt(at - 1, zone) + 1, clockAt(at, zone)])
  const away = fc.oneof(
    fc.constantFrom(-hourMs, -1, 0, 1, hourMs / 2, hourMs, dayMs),
    fc.integer({ min: -2 * hourMs, max: 2 * hourMs }),
    fc.integer({ min: -dayMs, max: dayMs }),
  )
  return shown.length === 0 ? [] : [fc.tuple(fc.constantFrom(...shown), away).map(([at, ms]) => at + ms)]
}
const midnight = fc.integer({ min: from / dayMs, max: until / dayMs }).map((days) => days * dayMs)
const sample: fc.Arbitrary<Sample> = fc.oneof(
  ...zones.map((zone) =>
    fc.record({
      zone: fc.constant(zone),
      shownMs: fc.oneof(...nearJump(zone), fc.integer({ min: from, max: until }), midnight),
      microseconds: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999 })),
    }),
  ),
)

test('a time on the clocks of a zone is the instant that JavaScript finds, or it is guarded', async () => {
  const database = await createDatabase()
  const seed = Date.now()
  const samples = fc.sample(sample, { numRuns: 3_000, seed })
  const epoch = (at: Expression<unknown>): Cell => ['int8', sql`(extract(epoch from ${at}) * 1000000)::int8`]
  const rows = await carry(
    database,
    { x: 'timestamp', zone: 'text' },
    samples.map((each) => ({ x: print(each), zone: each.zone })),
    ({ x, zone }) => ({
      day: ['date', businessDate(x!, { zone: zone! }).orNull()],
      earlier: epoch(instant(x!, { zone: zone!, overlap: 'earlier' }).orNull()),
      plain: epoch(instant(x!, { zone: zone! }).orNull()),
      strict: epoch(instant(x!, { zone: zone!, gap: 'refuse', overlap: 'refuse' }).orNull('refused')),
    }),
  )
  const found = rows.map(({ values, corrections, notes }) => ({
    ...values,
    guards: [...corrections.map((line) => line.split(' ').slice(0, 2).join(' ')), ...notes],
  }))
  const readings = samples.map(({ shownMs, zone }) => readClock(shownMs, zone))
  const differences = samples.flatMap((each, i) => {
    const expected = { day: dayOf(each), ...expectedOf(readings[i]!, each.microseconds) }
    return JSON.stringify(found[i]) === JSON.stringify(expected) ? [] : [{ ...each, found: found[i], expected }]
  })
  expect(differences, `seed ${seed}`).toEqual([])
  const counted = Object.groupBy(readings, ({ kind }) => kind)
  expect(Object.keys(counted).sort()).toEqual(['never', 'once', 'twice'])
})

function print({ shownMs, microseconds }: Sample): string {
  return `${new Date(shownMs).toISOString().slice(0, -1)}${String(microseconds).padStart(3, '0')}`
}

/** A stamp of exactly midnight names its day; any other is an instant in UTC, on a day of the zone. */
function dayOf({ shownMs, microseconds, zone }: Sample): string {
  const isMidnight = shownMs % dayMs === 0 && microseconds === 0
  return new Date(isMidnight ? shownMs : clockAt(shownMs, zone)).toISOString().slice(0, 10)
}

function expectedOf(reading: ClockReading, microseconds: number) {
  const exactly = (ms: number) => String(BigInt(ms) * 1_000n + BigInt(microseconds))
  switch (reading.kind) {
    case 'once': {
      const at = exactly(reading.at)
      return { earlier: at, plain: at, strict: at, guards: [] }
    }
    case 'twice': {
      const guards = ['strict ambiguous-time', 'earlier ambiguous-time', 'plain ambiguous-time']
      return { earlier: exactly(reading.earlier), plain: exactly(reading.later), strict: null, guards }
    }
    case 'never': {
      const at = exactly(reading.at)
      const guards = ['earlier skipped-time', 'plain skipped-time', 'strict skipped-time']
      return { earlier: at, plain: at, strict: null, guards }
    }
  }
}
