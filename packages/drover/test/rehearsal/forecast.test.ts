import { describe, expect, it } from 'vitest'
import { renderForecast } from '../../src/cli/forecast-text.ts'
import { poissonRange } from '../../src/rehearsal/count-range.ts'
import { forecast } from '../../src/rehearsal/forecast.ts'
import { gammaQuantile, logGamma, regularisedGamma } from '../../src/rehearsal/gamma.ts'
import type { RehearsedMapping, RehearsedRun } from '../../src/rehearsal/rehearsed-run.ts'
import type { Sample } from '../../src/rehearsal/sample.ts'

describe('the gamma distribution', () => {
  it.each([
    // Limits of Garwood at 95 %, as tables print them.
    [0, 0, 3.69],
    [1, 0.03, 5.57],
    [10, 4.8, 18.39],
    [50, 37.11, 65.92],
    [100, 81.36, 121.63],
  ])('gives the limits of the tables for a count of %i', (count, least, most) => {
    expect(count === 0 ? 0 : gammaQuantile(0.025, count)).toBeCloseTo(least, 2)
    expect(gammaQuantile(0.975, count + 1)).toBeCloseTo(most, 2)
  })

  it('is the exponential one for a shape of 1, and half way at the median', () => {
    for (const x of [0.001, 0.5, 1, 3, 20]) expect(regularisedGamma(1, x)).toBeCloseTo(1 - Math.exp(-x), 13)
    expect(gammaQuantile(0.5, 1)).toBeCloseTo(Math.LN2, 11)
  })

  it('is near the normal one where counts are large', () => {
    const count = 1e8
    expect((gammaQuantile(0.9995, count) - count) / Math.sqrt(count)).toBeCloseTo(3.2905, 2)
  })

  it('has the logarithm of factorials under it', () => {
    expect(logGamma(1)).toBeCloseTo(0, 12)
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 11)
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 11)
  })
})

describe('a range of counts', () => {
  it('holds the mean in 999 of 1,000 cases', () => {
    for (const mean of [0.3, 2, 11.5, 40]) {
      let covered = 0
      let probability = Math.exp(-mean)
      for (let count = 0; count < mean * 4 + 30; count++) {
        if (count > 0) probability *= mean / count
        const { least, most } = poissonRange(count)
        if (least <= mean && mean <= most) covered += probability
      }
      expect(covered).toBeGreaterThanOrEqual(0.999)
    }
  })

  it('is wider for rows that were drawn together', () => {
    const [alone, together] = [poissonRange(100), poissonRange(100, 10)]
    expect(together.least).toBeLessThan(alone.least)
    expect(together.most).toBeGreaterThan(alone.most)
    // Ten groups of ten.
    expect(together.most).toBeCloseTo(poissonRange(10).most * 10, 9)
  })
})

const whole: RehearsedMapping = {
  mapping: 'clinics',
  target: 'new.clinics',
  read: 60n,
  chunkSeconds: 0.1,
  seconds: 0.3,
  ledgerBytes: 16_384n,
  dispositions: [
    { what: 'loaded', rows: 50n, spread: 1 },
    { what: 'merged', rows: 10n, spread: 1 },
  ],
  codes: [{ what: 'no-name', outcome: 'quarantine', column: null, rows: 0n, spread: 1 }],
}

const drawn: RehearsedMapping = {
  mapping: 'visits',
  target: 'new.visits',
  // A hundred of them came along.
  read: 1100n,
  chunkSeconds: 1.1,
  seconds: 2.2,
  ledgerBytes: 110_000n,
  dispositions: [
    { what: 'loaded', rows: 960n, spread: 1 },
    { what: 'quarantined', rows: 40n, spread: 1 },
  ],
  codes: [
    { what: 'no-clinic', outcome: 'quarantine', column: null, rows: 40n, spread: 1 },
    { what: 'never', outcome: 'note', column: 'at', rows: 0n, spread: 1 },
  ],
}

const derived: RehearsedMapping = { ...whole, mapping: 'days', target: 'new.days', codes: [] }

const run: RehearsedRun = {
  runId: '1',
  planHash: 'abc',
  seconds: 4,
  workers: 2,
  walBytes: 1_000_000n,
  mappings: [whole, drawn, derived],
  targets: [
    { name: 'new.clinics', rows: 50n, bytes: 24_576n, emptyBytes: 16_384n },
    { name: 'new.visits', rows: 1056n, bytes: 200_000n, emptyBytes: 16_384n },
  ],
  ledger: [
    { name: 'drover.quarantine', rows: 44n, bytes: 48_000n, emptyBytes: 16_384n },
    { name: 'drover.note', rows: 0n, bytes: 8192n, emptyBytes: 8192n },
  ],
}

const sample: Sample = {
  tables: [
    { table: 'old.clinics', rows: 60n, taken: 60n, why: 'it is small' },
    { table: 'old.visits', rows: 100_000n, taken: 1100n, why: null },
  ],
  mappings: [
    { mapping: 'clinics', basis: 'whole', rows: 60n, fraction: 1, limits: [] },
    { mapping: 'visits', basis: 'drawn', rows: 100_000n, fraction: 0.01, limits: ['Something is not seen.'] },
    { mapping: 'days', basis: 'derived', rows: null, fraction: 0.01, limits: [] },
  ],
}

const foreseen = forecast(sample, run)
const of = (name: string) => foreseen.mappings.find(({ mapping }) => mapping === name)!

describe('a forecast', () => {
  it('of a table that was there as a whole is what was seen', () => {
    expect(of('clinics').dispositions).toEqual([
      { what: 'loaded', seen: 50, estimate: 50, least: 50, most: 50 },
      { what: 'merged', seen: 10, estimate: 10, least: 10, most: 10 },
    ])
    expect(of('clinics').seconds).toEqual({ least: 0.1, most: 0.3 })
  })

  it('of one that was drawn is scaled, between what was seen and what there is', () => {
    const [loaded, quarantined] = of('visits').dispositions
    expect(loaded).toMatchObject({ seen: 960, estimate: 96_000, most: 99_960 })
    expect(quarantined).toMatchObject({ seen: 40, estimate: 4000 })
    expect(quarantined!.least).toBe(Math.floor(poissonRange(40).least * 100))
    expect(quarantined!.most).toBe(Math.ceil(poissonRange(40).most * 100))
    expect(of('visits').codes[1]).toMatchObject({ what: 'never', seen: 0, estimate: 0, least: 0, most: 761 })
  })

  it('of rows that are made of others has no estimate', () => {
    expect(of('days').dispositions[0]).toMatchObject({ seen: 50, estimate: null, least: 50 })
    expect(of('days').dispositions[0]!.most).toBe(Math.ceil(poissonRange(50).most * 100))
  })

  it('of time, disk and log goes by rows', () => {
    expect(of('visits').seconds.least).toBeCloseTo(100, 9)
    expect(of('visits').seconds.most).toBeCloseTo(200, 9)
    expect(foreseen.seconds.least).toBeCloseTo((0.1 + 100 + 0.1) / 2, 9)
    expect(foreseen.seconds.most).toBeGreaterThan(200 * (4 / 2.8))
    expect(foreseen.targetBytes.least).toBeGreaterThan((85_000 * (200_000 - 16_384)) / 1056)
    expect(foreseen.targetBytes.most).toBeLessThan(99_960 * 200)
    expect(foreseen.ledgerBytes.least).toBeGreaterThan(9_000_000)
    expect(foreseen.walBytes!.least).toBeGreaterThan(1_000_000)
    expect(forecast(sample, { ...run, walBytes: null }).walBytes).toBeNull()
  })

  it('is a JSON value', () => {
    expect(JSON.parse(JSON.stringify(foreseen))).toEqual(foreseen)
    expect(foreseen).toMatchObject({ version: 1, planHash: 'abc' })
  })

  it('reads as text, with what it rests on and what it does not show', () => {
    const text = renderForecast(foreseen)
    expect(text).toContain('Of old.visits the rehearsal had 1,100 of 100,000 rows; all of the others.')
    expect(text).toMatch(/visits +loaded +960 +96,000 +[\d,]+ to 99,960/)
    expect(text).toContain('visits, not seen, and each in at most 761 rows: never')
    expect(text).toContain('visits: Something is not seen.')
    expect(text).toContain('the scratch server’s')
  })
})
