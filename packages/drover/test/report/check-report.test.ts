import { beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/connection.ts'
import { findRun } from '../../src/ledger/run.ts'
import { fixRows } from '../../src/repair/fix.ts'
import { retryRows } from '../../src/repair/retry.ts'
import { checkAgainstLedger } from '../../src/report/against-ledger.ts'
import { chainOf } from '../../src/report/chain.ts'
import { checkReport, type ReportCheck } from '../../src/report/check-report.ts'
import { readReport } from '../../src/report/read.ts'
import { renderJson } from '../../src/report/render-json.ts'
import type { Report } from '../../src/report/report.ts'
import { parseReport } from '../../src/report/report-file.ts'
import { sealReport } from '../../src/report/seal.ts'
import { digestOfOne } from '../../src/report/segments.ts'
import { rollback } from '../../src/rollback/rollback.ts'
import { verify } from '../../src/verify/verify.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from '../verify/fixture.ts'

let loaded: TestDatabase
let report: Report

beforeAll(async () => {
  loaded = await createLoadedDatabase()
  const database = await createDatabase(loaded.name)
  report = await withDatabase(database.url, async (db) => {
    await verify(db, '1')
    return readReport(db, '1')
  })
})

/** What differs, as `check: sentence`. */
const differing = (checks: readonly ReportCheck[]) =>
  checks.flatMap(({ name, differences }) => differences.map((sentence) => `${name}: ${sentence}`))

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

type Mutable<T> = T extends readonly (infer E)[]
  ? Mutable<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T

/** The report as a file holds it, changed. */
function changed(change: (value: Mutable<Report>) => void): Report {
  const value = JSON.parse(renderJson(report))
  change(value)
  return value
}

/** What whoever changes a file can do, too. */
function resealed(value: Report, { chained }: { readonly chained: boolean }): Report {
  const segments = value.evidence.segments
  const chain = chained ? chainOf(value.run, segments) : value.evidence.chain
  return sealReport({ ...value, evidence: { ...value.evidence, chain } })
}

test('a report agrees with itself, however its file is laid out', () => {
  const turned = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(turned)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, member]) => [name, turned(member)]),
    )
  }
  const text = renderJson(report)
  for (const layout of [text, JSON.stringify(JSON.parse(text)), JSON.stringify(turned(JSON.parse(text)), null, '\t')]) {
    const file = parseReport(layout, 'report.json')
    expect(file.repeats).toBe(false)
    expect(differing(checkReport(file.report, report.evidence.seal))).toEqual([])
  }
})

describe('a report agrees with itself, of a run that is', () => {
  const fixed = { mapping: 'doctors', key: 'd5', values: { clinic_id: 'c1' } }

  test.each<readonly [string, string, (database: TestDatabase, db: Database) => Promise<unknown>]>([
    ['taken back', '4', (_, db) => rollback(db, '1', {})],
    [
      'repaired',
      '3',
      async (_, db) => {
        await fixRows(db, '1', [fixed])
        await retryRows(db, '1', { mapping: 'doctors' }, new Map())
      },
    ],
    [
      'not finished',
      '4',
      (database) =>
        database.query(`update drover.run set state = 'paused';
          update drover.step set state = 'waiting', source_rows = null, source_rows_before = null where mapping = 'odd';
          delete from drover.chunk where mapping = 'odd';
          update drover.step set state = 'loading', source_rows = 100 where mapping = 'patients';
          update drover.chunk set state = 'open', read = null, loaded = null, merged = null, matched = null, quarantined = null,
            excluded = null, finished_at = null
          where mapping = 'patients' and number = 2`),
    ],
    ['not begun', '0', (database) => database.query(`delete from drover.chunk; delete from drover.quarantine`)],
  ])('%s', async (_, quarantined, change) => {
    const database = await createDatabase(loaded.name)
    const later = await withDatabase(database.url, async (db) => {
      await change(database, db)
      await database.disconnect()
      return readReport(db, '1')
    })
    expect(differing(checkReport(parseReport(renderJson(later), 'report.json').report))).toEqual([])
    expect(later.mappings[1]!.quarantined).toBe(quarantined)
  })
})

/** Each place in a value that holds a text, a number, a truth or nothing, with the value that has another one there. */
function* otherwise(value: Json, at = '$'): Generator<readonly [string, Json]> {
  if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      for (const [place, other] of otherwise(member, `${at}.${name}`)) {
        const copy = Array.isArray(value) ? [...value] : { ...value }
        ;(copy as Record<string, Json>)[name] = other
        yield [place, copy]
      }
    }
  } else if (typeof value === 'number') yield [at, value + 1]
  else if (typeof value === 'boolean') yield [at, !value]
  else if (value === null) yield [at, 0]
  else if (/^\d+$/.test(value)) yield [at, String(BigInt(value) + 1n)]
  else yield [at, `${value.slice(0, -1)}${value.endsWith('a') ? 'b' : 'a'}`]
}

test('whatever single figure, name or text is changed, it is found', () => {
  let places = 0
  for (const [place, value] of otherwise(JSON.parse(renderJson(report)))) {
    places += 1
    let found: readonly unknown[]
    try {
      found = differing(checkReport(parseReport(JSON.stringify(value), 'report.json').report))
    } catch (thrown) {
      found = [thrown]
      expect(thrown).toMatchObject({ code: 'usage-invalid' })
    }
    expect(found.length, place).toBeGreaterThan(0)
  }
  expect(places).toBeGreaterThan(500)
})

const first = <T>(list: readonly T[], is: (item: T) => boolean = () => true): T => list.find(is)!

describe('whoever recomputes the seal is found out, where he changes', () => {
  test.each<readonly [string, (value: Mutable<Report>) => void, RegExp]>([
    [
      'a count of a mapping',
      ({ mappings }) => Object.assign(mappings[0]!, { loaded: '3' }),
      /^mappings: clinics: loaded 3, by its chunks 2\.$/,
    ],
    [
      'the chunks of a mapping',
      ({ mappings }) => Object.assign(mappings[2]!, { chunks: '9' }),
      /^mappings: patients: chunks in all 9, by its chunks \d\.$/,
    ],
    [
      'whether a mapping balances',
      ({ mappings }) => Object.assign(mappings[1]!, { balances: false }),
      /^mappings: doctors: by its figures it balances, and the report says otherwise\.$/,
    ],
    [
      'the source rows of a mapping',
      ({ mappings }) => Object.assign(mappings[1]!, { sourceRows: '21' }),
      /^mappings: doctors: by its figures it does not balance/,
    ],
    [
      'the name of a mapping',
      ({ mappings }) => Object.assign(mappings[1]!, { name: 'physicians' }),
      /^segments: chunk \d+ of doctors: the report has no such mapping\.$/,
    ],
    [
      'a count of the verdict',
      ({ verdict }) => Object.assign(verdict, { rowsLeftOut: '0' }),
      /^verdict: rows left out 0/,
    ],
    [
      'the rows of a cause',
      ({ quarantine }) => Object.assign(quarantine[0]!, { rows: '3' }),
      /^quarantine: doctors: quarantined 4, by its causes 3\.$/,
    ],
    [
      'the mapping of a cause',
      ({ quarantine }) => Object.assign(quarantine[0]!, { mapping: 'nobody' }),
      /^quarantine: nobody: rows are quarantined, and the report has no such mapping\.$/,
    ],
    ['who started it', ({ run }) => Object.assign(run, { startedBy: 'nobody' }), /^chain: It is not the chain/],
    ['a setting', ({ run }) => Object.assign(run.settings, { rowsPerChunk: 31 }), /^chain: It is not the chain/],
    [
      'a count of a chunk',
      ({ evidence }) => Object.assign(evidence.segments[0]!, { loaded: '1', merged: '3' }),
      /^chain: It is not the chain/,
    ],
    ['the order of chunks', ({ evidence }) => evidence.segments.reverse(), /^chain: It is not the chain/],
    ['how many chunks there are', ({ evidence }) => evidence.segments.pop(), /^chain: It is not the chain/],
  ])('%s', (_, change, found) => {
    const told = differing(checkReport(resealed(changed(change), { chained: false })))
    expect(told).toContainEqual(expect.stringMatching(found))
    expect(told).not.toContainEqual(expect.stringMatching(/^seal/))
  })
})

describe('whoever recomputes the chain, too, is found out, where he', () => {
  test.each<readonly [string, (value: Mutable<Report>) => void, RegExp]>([
    [
      'moves rows of a chunk',
      ({ evidence }) => Object.assign(evidence.segments[0]!, { loaded: '3', merged: '1' }),
      /^digests: That of chunk 1 of clinics is of other figures\.$/,
    ],
    [
      'moves rows of a chunk and sets its digest',
      ({ evidence }) => {
        Object.assign(evidence.segments[0]!, { loaded: '3', merged: '1' })
        evidence.segments[0]!.digest = digestOfOne(evidence.segments[0]!)!
      },
      /^mappings: clinics: loaded 2, by its chunks 3\.$/,
    ],
    [
      'adds rows to a chunk',
      ({ evidence }) => Object.assign(evidence.segments[0]!, { loaded: '3' }),
      /^mappings: chunk 1 of clinics: the rows read are not the sum of what became of them\.$/,
    ],
    [
      'swaps chunks',
      ({ evidence: { segments } }) => segments.push(...segments.splice(0, 1)),
      /^segments: chunk 1 of clinics stands after chunk 1 of odd\.$/,
    ],
    [
      'swaps chunks of a mapping',
      ({ evidence: { segments } }) => {
        const place = segments.findIndex(({ mapping }) => mapping === 'patients')
        segments.splice(place, 2, segments[place + 1]!, segments[place]!)
      },
      /^segments: chunk 1 of patients stands after chunk 2 of patients\.$/,
    ],
    [
      'doubles a chunk',
      ({ evidence: { segments } }) => segments.unshift(segments[0]!),
      /^segments: chunk 1 of clinics stands after chunk 1 of clinics\.$/,
    ],
    [
      'leaves a chunk out',
      ({ evidence: { segments } }) => segments.pop(),
      /^mappings: odd: loaded 8, by its chunks 0\.$/,
    ],
    [
      'turns a range around',
      ({ evidence: { segments } }) => Object.assign(segments[0]!, { first: '2' }),
      /^segments: chunks 2 to 1 of clinics: it ends before it begins\.$/,
    ],
  ])('%s', (_, change, found) => {
    const told = differing(checkReport(resealed(changed(change), { chained: true })))
    expect(told).toContainEqual(expect.stringMatching(found))
    expect(told).not.toContainEqual(expect.stringMatching(/^(seal|chain)/))
  })
})

test('whoever makes up a whole report is told by the seal that was kept elsewhere', () => {
  const other = resealed(
    changed(({ run }) => Object.assign(run, { migration: 'another' })),
    { chained: true },
  )
  expect(differing(checkReport(other))).toEqual([])
  expect(differing(checkReport(other, report.evidence.seal))).toEqual([
    `given seal: The seal is sha256:${other.evidence.seal}, and not the one that was given.`,
  ])
})

test.each([
  ['nothing', '', 'it is not JSON'],
  ['no object', '[]', 'it has no version'],
  ['of another version', '{"version": 2}', 'it is of a version that this drover does not know'],
  ['without parts', '{"version": 1}', 'the report.verdict is no object'],
])('a file that is %s is no report', (_, text, why) => {
  expect(() => parseReport(text, 'x.json')).toThrow(
    expect.objectContaining({ code: 'usage-invalid', where: 'x.json', why }),
  )
})

test.each<readonly [string, (value: Mutable<Report>) => void]>([
  [
    'the report.evidence.segments[0].read is no whole number in a text',
    ({ evidence }) => Object.assign(evidence.segments[0]!, { read: 5 }),
  ],
  ['the report.mappings is no list', (value) => Object.assign(value, { mappings: {} })],
  ['the report.evidence is no object', (value) => Object.assign(value, { evidence: undefined })],
  [
    'the report.mappings[1].balances is no true or false',
    ({ mappings }) => Object.assign(mappings[1]!, { balances: 1 }),
  ],
])('a file in which %s is no report', (why, change) => {
  expect(() => parseReport(JSON.stringify(changed(change)), 'x.json')).toThrow(expect.objectContaining({ why }))
})

test('a member that stands in a file twice is noticed, and none within a text', () => {
  const text = renderJson(report)
  const twice = text.replace('"rowsLeftOut":', '"rowsLeftOut": "0", "rowsLeftOut":')
  expect(parseReport(twice, 'x.json').repeats).toBe(true)
  expect(differing(checkReport(parseReport(twice, 'x.json').report))).toEqual([])
  const quoted = JSON.stringify(changed(({ run }) => Object.assign(run, { migration: '", "id": "8\\' })))
  expect(parseReport(quoted, 'x.json').repeats).toBe(false)
})

describe('against the ledger', () => {
  async function differences(change: string, value = report): Promise<readonly string[]> {
    const database = await createDatabase(loaded.name)
    if (change !== '') await database.query(change)
    return withDatabase(database.url, (db) =>
      db.transaction(async (tx) => differing(await checkAgainstLedger(tx, await findRun(tx, '1'), value))),
    )
  }

  test('nothing differs where nothing was done since', async () => {
    expect(await differences('')).toEqual([])
  })

  test.each([
    [
      'a chunk has other figures',
      `update drover.chunk set loaded = loaded - 1, excluded = excluded + 1 where mapping = 'odd'`,
      ['chunks in the ledger: chunk 1 of odd: loaded 8, in the ledger 7, excluded 0, in the ledger 1.'],
    ],
    [
      'a chunk was done at another time',
      `update drover.chunk set finished_at = finished_at + interval '1 microsecond' where mapping = 'odd'`,
      ['chunks in the ledger: chunk 1 of odd: the same sums, of other chunks.'],
    ],
    [
      'a chunk is gone',
      `delete from drover.chunk where mapping = 'odd'`,
      ['chunks in the ledger: chunk 1 of odd: not in the ledger.'],
    ],
    [
      'rows were moved since',
      `insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
       values (1, 'odd', 7, 'adjustment', 'done', 0, -1, 0, 0, 1, 0, now())`,
      ['chunks in the ledger: chunk 7 of odd: not in the report.'],
    ],
    [
      'the run is another one',
      `update drover.run set plan_hash = 'x'`,
      ['run in the ledger: planHash is another one.'],
    ],
  ])('%s, and is named', async (_, change, told) => {
    expect(await differences(change)).toEqual(told)
  })

  test('a report of segments of several chunks is compared by the same cut', async () => {
    const database = await createDatabase(loaded.name)
    await database.query(
      `insert into drover.chunk (run_id, mapping, number) select 1, 'odd', n from generate_series(100, 30000) n`,
    )
    await withDatabase(database.url, async (db) => {
      const large = await readReport(db, '1')
      expect(first(large.evidence.segments, ({ chunks }) => chunks === '2')).toMatchObject({ mapping: 'patients' })
      const now = () =>
        db.transaction(async (tx) => differing(await checkAgainstLedger(tx, await findRun(tx, '1'), large)))
      expect(await now()).toEqual([])
      await database.query(
        `insert into drover.chunk (run_id, mapping, number) select 1, 'odd', n from generate_series(30001, 90000) n`,
      )
      expect(new Set((await now()).map((told) => told.split(': ').at(-1)))).toEqual(new Set(['not in the report.']))
    })
  })
})
