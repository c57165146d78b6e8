import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { recordRehearsal } from '../../src/ledger/rehearsal.ts'
import { readReport } from '../../src/report/read.ts'
import { renderJson } from '../../src/report/render-json.ts'
import { renderMarkdown } from '../../src/report/render-markdown.ts'
import type { Report } from '../../src/report/report.ts'
import { type RollbackOptions, rollback } from '../../src/rollback/rollback.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from '../verify/fixture.ts'
import { departures } from './schema-check.ts'

const schema = JSON.parse(await readFile(new URL('../../src/report/report.schema.json', import.meta.url), 'utf8'))

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createLoadedDatabase()
})

/** What others write after the load: a row is changed, one is deleted. */
const others = `
update new.people set name = 'Somebody' where name = 'Patient 7';
delete from new.people where name = 'Patient 8';`

async function reportAfter(change: string, options: RollbackOptions): Promise<Report> {
  const database = await createDatabase(loaded.name)
  if (change !== '') await database.query(change)
  return withDatabase(database.url, async (db) => {
    await rollback(db, '1', options)
    return readReport(db, '1')
  })
}

const asJson = (report: Report) => JSON.parse(renderJson(report))

describe('a run that was taken back', () => {
  test('says that everything is as it was, and what went, by mapping', async () => {
    const report = await reportAfter('', {})
    expect(departures(asJson(report), schema)).toEqual([])
    expect(report.verdict).toMatchObject({
      carriedOut: 'rolled back',
      sentences: [
        'Run 1 of practice was rolled back: everything is as it was before it.',
        '116 rows were removed, 0 restored.',
      ],
    })
    expect(report.rollback).toMatchObject({ verdict: 'pass', conflicts: [], discarded: [], decisions: {} })
    expect(report.rollback?.mappings.map(({ mapping, removed }) => [mapping, removed])).toEqual([
      ['odd', '8'],
      ['patients', '90'],
      ['doctors', '16'],
      ['clinics', '2'],
    ])
    expect(report.reproduce).toContain('drover rollback --run 1')
    const section = renderMarkdown(report).split('## Rollback\n\n')[1]!.split('\n## ')[0]
    expect(section).toMatch(/^\*\*pass\*\*, begun [^\n]* UTC, finished [^\n]* UTC\.\n/)
    expect(section).toMatch(/As before the run, by fingerprint: .*`new\.people`/)
    expect(section).not.toContain('Not as before')
  })

  test('does not claim it where rows stay by decision', async () => {
    const report = await reportAfter(others, { onConflict: { '*': 'keep' } })
    expect(departures(asJson(report), schema)).toEqual([])
    expect(report.verdict.sentences).toEqual([
      'Run 1 of practice was rolled back: what is not as it was before, others have changed, or a decision keeps.',
      expect.stringMatching(/^113 rows were removed, 0 restored\.$/),
      '2 rows of it stay by decision.',
      '1 row of it was gone before.',
      'Not as before: fingerprint of new.clinics, fingerprint of new.people.',
    ])
    expect(report.rollback?.conflicts.map(({ table, kind, decision, rows }) => [table, kind, decision, rows])).toEqual([
      ['new.clinics', 'needed', 'keep', '1'],
      ['new.people', 'changed', 'keep', '1'],
      ['new.people', 'deleted', 'keep', '1'],
    ])
    expect(report.reproduce).toContain('drover rollback --run 1 --on-conflict keep')
  })

  test('has a command whose words a shell reads as they are meant', async () => {
    const database = await createDatabase(loaded.name)
    const { reproduce } = await withDatabase(database.url, async (db) => {
      await rollback(db, '1')
      await database.query(`update drover.rollback set on_conflict = '{"new.a b;x": "keep"}'`)
      return readReport(db, '1')
    })
    expect(reproduce).toContain("drover rollback --run 1 --on-conflict 'new.a b;x=keep'")
  })

  test('says what was discarded, and shows keys and no values', async () => {
    const report = await reportAfter(others, { onConflict: { '*': 'keep', 'new.people': 'discard' } })
    expect(report.rollback?.discarded).toEqual([{ table: 'new.people', rows: '1' }])
    expect(report.verdict.sentences).toContain('1 row that others wrote was discarded, and kept in the ledger.')
    for (const text of [renderJson(report), renderMarkdown(report)]) {
      expect(text).toContain(report.rollback!.conflicts[0]!.sampleKeys[0])
      // I8
      expect(text).not.toMatch(/Somebody|Patient|Doctor|North/)
    }
  })

  test('says how far it is where it was stopped', async () => {
    const report = await reportAfter('', { signal: AbortSignal.abort() })
    expect(departures(asJson(report), schema)).toEqual([])
    expect(report.rollback).toMatchObject({ verdict: null, finishedAt: null, chunksDone: '0' })
    expect(report.verdict).toMatchObject({
      carriedOut: 'in part',
      sentences: [
        expect.stringMatching(/^Run 1 of practice is being rolled back: 0 of \d+ chunks are taken back\.$/),
        '0 rows were removed, 0 restored.',
      ],
    })
    expect(renderMarkdown(report)).toMatch(/It was begun .* UTC, not finished: 0 of \d+ chunks are done\./)
  })
})

describe('the rehearsal of the plan', () => {
  const result = {
    version: 1,
    stages: [{ name: 'rollback', verdict: 'fail', detail: 'tables differ', seconds: 0.1 }],
    notes: ['a note'],
    forecast: null,
  }

  async function rehearsed(verdict: 'pass' | 'fail', at: string): Promise<Report> {
    const database = await createDatabase(loaded.name)
    return withDatabase(database.url, async (db) => {
      await db.transaction(async (tx) => {
        const [run] = await tx.query('select plan_hash as hash from drover.run')
        await recordRehearsal(tx, { migration: 'practice', planHash: run!.hash as string, verdict, result })
        await tx.query(
          `update drover.rehearsal set rehearsed_at = (select created_at from drover.run) + $1::interval`,
          [at],
        )
      })
      return readReport(db, '1')
    })
  }

  test('is told, and null where there was none', async () => {
    const report = await rehearsed('fail', '-1 hour')
    expect(departures(asJson(report), schema)).toEqual([])
    expect(report.rehearsal).toMatchObject({
      verdict: 'fail',
      stages: [{ name: 'rollback', verdict: 'fail', detail: 'tables differ' }],
      notes: ['a note'],
    })
    expect(renderMarkdown(report)).toMatch(/## Rehearsal\n\n\*\*fail\*\*, on .* UTC by `\w+`\./)
    const without = await withDatabase(loaded.url, (db) => readReport(db, '1'))
    expect(without).toMatchObject({ rehearsal: null, rollback: null })
    expect(renderMarkdown(without)).not.toContain('## Rollback')
  })

  test.each([
    ['pass', '-1 hour', undefined],
    ['fail', '-1 hour', 'The last rehearsal before the run has failed.'],
    ['pass', '1 hour', expect.stringMatching(/it was not rehearsed before\.$/)],
  ] as const)('that gave %s, %s from the run, is the hazard %j', async (verdict, at, why) => {
    const { hazards } = await rehearsed(verdict, at)
    expect(hazards.find(({ name }) => name === 'unrehearsed')?.why).toEqual(why)
  })
})
