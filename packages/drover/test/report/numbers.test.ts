import { beforeAll, describe, expect, test } from 'vitest'
import { hazardNames } from '../../src/plan/plan.ts'
import { acceptRows } from '../../src/repair/accept.ts'
import { fixRows } from '../../src/repair/fix.ts'
import { retryRows } from '../../src/repair/retry.ts'
import { readReport } from '../../src/report/read.ts'
import type { Report } from '../../src/report/report.ts'
import { run } from '../../src/run/run.ts'
import { verify } from '../../src/verify/verify.ts'
import { fill, planFor, schema, withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { countedLoad } from './counted-load.ts'
import { countedRest } from './counted-rest.ts'

// Every number of a report, against a plain count of what the ledger or the tables hold.

/**
 * Transactions at a target seem to clash now and then, and it refuses three rows for good; an index can be taken off
 * the other.
 */
const misbehaving = `
create index clinics_by_status on new.clinics (status);
create sequence new.calls;
create function new.misbehave() returns trigger language plpgsql as $$
begin
  if new.number in (100, 200, 300) then raise exception 'never'; end if;
  if nextval('new.calls') in (70, 500, 900) then raise exception 'once' using errcode = '40001'; end if;
  return new;
end $$;
create trigger misbehave before insert on new.visits for each row execute function new.misbehave();`

let database: TestDatabase
let report: Report

beforeAll(async () => {
  database = await createDatabase()
  await database.query(schema + fill(60, 3000) + misbehaving)
  report = await withDatabase(database.url, async (db) => {
    await run(db, await planFor(db), { allowed: hazardNames, rowsPerChunk: 60, workers: 2 })
    await verify(db, '1')
    const wrong = await database.query<{ key: string }>(
      `select source_key as key from drover.quarantine where code = 'not-a-number' order by source_key limit 5`,
    )
    const keys = wrong.map(({ key }) => key)
    await fixRows(
      db,
      '1',
      keys.map((key) => ({ mapping: 'visits', key, values: { amount: '5.25' } })),
    )
    await retryRows(db, '1', { mapping: 'visits', keys }, new Map())
    await acceptRows(db, '1', { mapping: 'visits', codes: ['orphan'] }, { why: 'gone for good' })
    await verify(db, '1')
    await database.query(`
insert into drover.sample (run_id, at, samples, process, action, limit_name, workers, memory_bytes)
select 1, clock_timestamp(), i, 'other.1', 'wait', 'blockedSessions', 2, 1000 + i from generate_series(1, 3) as i;
insert into drover.note (run_id, mapping, source_key, code, column_name) values (1, 'visits', 'v1', 'seen', 'at'), (1, 'visits', 'v2', 'seen', 'at')`)
    return readReport(db, '1')
  })
})

const lists = { ...countedLoad, ...countedRest }

describe('every number is what the ledger and the tables hold', () => {
  test.each(Object.entries(lists))('%s', async (_, { of, named, length, numbers }) => {
    const elements = of(report)
    const count = async (query: string, values: readonly unknown[] = []) => {
      const [row] = await database.query(query, values)
      const [value] = Object.values(row ?? {})
      return value === null || value === undefined ? null : String(value)
    }
    expect(String(elements.length)).toBe(await count(length))
    for (const element of elements) {
      const expected: Record<string, string | null> = {}
      const shown: Record<string, string | null> = {}
      for (const [name, query] of Object.entries(numbers)) {
        const value = (element as Record<string, unknown>)[name]
        shown[name] = value === null ? null : Array.isArray(value) ? value.join(' ') : String(value)
        expected[name] = await number(count(query, named(element)))
      }
      expect([named(element), shown]).toEqual([named(element), expected])
    }
  })

  test('and the run had everything in it that is counted', () => {
    const { mappings, quarantine, corrections, notes, merges, courses, findings, verdict, issues, rebuilds } = report
    expect(verdict).toMatchObject({ carriedOut: 'in full' })
    expect(findings.length).toBeGreaterThan(10)
    expect(mappings.every(({ balances }) => balances)).toBe(true)
    expect(quarantine.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['orphan', 'not-a-number', 'error-P0001']),
    )
    expect(quarantine.filter(({ accepted }) => accepted !== '0')).toHaveLength(1)
    expect([corrections.length, notes.length, merges.length, rebuilds.length].every((n) => n > 0)).toBe(true)
    expect(courses.flatMap(({ failures }) => failures.map(({ outcome }) => outcome))).toEqual(
      expect.arrayContaining(['retried', 'split', 'set aside']),
    )
    expect(rebuilds.some(({ bytes }) => bytes !== null)).toBe(true)
    expect(report.evidence.segments.some(({ adjustments }) => adjustments !== '0')).toBe(true)
    expect(issues.length).toBeGreaterThan(3)
  })

  test('and no number is left out', () => {
    const known = new Set(
      Object.entries(lists).flatMap(([list, { numbers }]) => Object.keys(numbers).map((name) => `${list}.${name}`)),
    )
    // No counts; or counts between samples, of which test/ledger tells more.
    const others =
      /^(version|run\.server|courses\.failures\.sqlstate|quarantine\.sample\.values\..*|events\.detail\..*|resources\..*)$/
    const paths = [...new Set(numbersOf(report))].filter((path) => !known.has(path) && !others.test(path))
    expect(paths).toEqual([])
  })
})

/** As JavaScript prints it: the server writes 5.0 for 5. */
async function number(counted: Promise<string | null>): Promise<string | null> {
  const text = await counted
  return text !== null && /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text
}

/** Where numbers stand in a value, without the places in lists. */
function numbersOf(value: unknown, at = ''): readonly string[] {
  if (typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))) return [at]
  if (Array.isArray(value)) return value.flatMap((each) => numbersOf(each, at))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => numbersOf(each, at === '' ? name : `${at}.${name}`))
}
