import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Transaction } from '../../src/db/connection.ts'
import { findRun } from '../../src/ledger/run.ts'
import { buildRun } from '../../src/report/account.ts'
import { canonicalJson } from '../../src/report/canonical-json.ts'
import { readEvidence } from '../../src/report/evidence.ts'
import { digestOfOne, readSegments } from '../../src/report/segments.ts'
import { createDatabase, onServer, type TestDatabase, urlOf } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from '../verify/fixture.ts'

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createLoadedDatabase()
})

/** Chunks that are not done, one that was adjusted, and one of a year in which few instants need all digits. */
const unusual = `
update drover.chunk set state = 'open', read = null, loaded = null, merged = null, matched = null, quarantined = null, excluded = null,
  finished_at = null
where mapping = 'patients' and number = 2;
update drover.chunk set finished_at = '2025-01-31 09:30:00.25+00' where mapping = 'patients' and number = 1;
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
values (1, 'patients', 90, 'adjustment', 'done', 0, -3, 0, 0, 3, 0, '2025-01-31 09:30:00+00');`

async function changed(change: string): Promise<TestDatabase> {
  const database = await createDatabase(loaded.name)
  if (change !== '') await database.query(change)
  return database
}

function reading<T>(url: string, read: (tx: Transaction) => Promise<T>): Promise<T> {
  return withDatabase(url, (db) => db.transaction(read, { readOnly: true }))
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

interface ChunkRow {
  readonly mapping: string
  readonly number: string
  readonly kind: string
  readonly line: string
  readonly read: number
  readonly loaded: number
}

/** The lines of the ledger's chunks as an auditor would write them, without drover. */
async function linesOfLedger(database: TestDatabase): Promise<readonly ChunkRow[]> {
  const rows = await database.query<
    Record<string, string | null>
  >(`select mapping, number::text, kind, state, read::text, loaded::text, merged::text, matched::text, quarantined::text, excluded::text,
      (finished_at at time zone 'UTC')::text as finished_at
    from drover.chunk
    order by number`)
  return rows.map((row) => {
    const [, day, time, fraction = ''] = /^(\S+) ([\d:]+)(?:\.(\d+))?$/.exec(row.finished_at ?? '') ?? []
    const counts = ['read', 'loaded', 'merged', 'matched', 'quarantined', 'excluded'].map((name) => row[name] ?? '0')
    const done = day === undefined ? '-' : `${day}T${time}.${fraction.padEnd(6, '0')}Z`
    return {
      mapping: row.mapping!,
      number: row.number!,
      kind: row.kind!,
      line: [row.number, row.kind, row.state, ...counts, done].join(' '),
      read: Number(row.read),
      loaded: Number(row.loaded),
    }
  })
}

describe('the segments of a run', () => {
  test.each([1, 2, 3, 100])('with %i lines each, are those of the ledger', async (size) => {
    const database = await changed(unusual)
    const lines = await linesOfLedger(database)
    const expected = ['clinics', 'doctors', 'patients', 'odd'].flatMap((mapping) => {
      const own = lines.filter((line) => line.mapping === mapping)
      return Array.from({ length: Math.ceil(own.length / size) }, (_, i) => own.slice(i * size, (i + 1) * size))
    })
    const segments = await reading(database.url, (tx) => readSegments(tx, '1', size))
    const sum = (of: readonly ChunkRow[], name: 'read' | 'loaded') => of.reduce((all, row) => all + row[name], 0)
    expect(segments).toMatchObject(
      expected.map((own) => ({
        mapping: own[0]!.mapping,
        first: own[0]!.number,
        last: own.at(-1)!.number,
        chunks: String(own.filter(({ kind }) => kind === 'range').length),
        adjustments: String(own.filter(({ kind }) => kind === 'adjustment').length),
        read: String(sum(own, 'read')),
        loaded: String(sum(own, 'loaded')),
        digest: sha256(own.map(({ line }) => line).join('\n')),
      })),
    )
    expect(segments.length).toBeGreaterThanOrEqual(4)
  })

  test('of one chunk each tell their digest themselves, those of several do not', async () => {
    const database = await changed(unusual)
    const segments = await reading(database.url, (tx) => readSegments(tx, '1'))
    expect(segments.map(digestOfOne)).toEqual(segments.map(({ digest }) => digest))
    expect(segments.filter(({ finishedAt }) => finishedAt === null)).toMatchObject([{ chunksDone: '0', read: '0' }])
    const [several] = await reading(database.url, (tx) => readSegments(tx, '1', 100))
    expect(several!.chunks === '1' ? null : digestOfOne(several!)).toBeNull()
  })

  test('are at most about 20,000, whatever the chunks are', async () => {
    const database =
      await changed(`insert into drover.chunk (run_id, mapping, number) select 1, 'odd', n from generate_series(100, 45000) n;
      insert into drover.chunk (run_id, mapping, number) select 1, 'doctors', n from generate_series(100, 100) n`)
    const segments = await reading(database.url, (tx) => readSegments(tx, '1'))
    expect(segments.length).toBeLessThanOrEqual(20_004)
    expect(segments.length).toBeGreaterThan(14_000)
    const total = segments.reduce((all, { chunks }) => all + Number(chunks), 0)
    expect(await database.query('select count(*)::integer as n from drover.chunk')).toEqual([{ n: total }])
  })

  test('of a run without chunks are none', async () => {
    const database = await changed('delete from drover.chunk')
    expect(await reading(database.url, (tx) => readSegments(tx, '1'))).toEqual([])
  })
})

describe('the evidence of a run', () => {
  const evidenceOf = (url: string) => reading(url, async (tx) => readEvidence(tx, buildRun(await findRun(tx, '1'))))

  test('has a chain that anybody can recompute', async () => {
    const run = buildRun(await reading(loaded.url, (tx) => findRun(tx, '1')))
    const { chain, segments } = await evidenceOf(loaded.url)
    const { createdAt, drover, id, migration, planHash, settings, startedAt, startedBy } = run
    let link = sha256(canonicalJson({ createdAt, drover, id, migration, planHash, settings, startedAt, startedBy }))
    for (const segment of segments) link = sha256(`${link}\n${canonicalJson(segment)}`)
    expect(chain).toBe(link)
  })

  test('says who has read it, when, and what of the server it saw', async () => {
    const database = await changed('')
    const evidence = await evidenceOf(database.url)
    const [server] = await database.query<{ who: string }>('select session_user as who')
    expect(evidence.readBy).toBe(server!.who)
    expect(Math.abs(Date.parse(evidence.readAt) - Date.now())).toBeLessThan(60_000)
    expect(evidence.snapshot).toMatch(/^\d+:\d+:[\d,]*$/)
    expect(evidence.walPosition).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/)
  })

  test('has the same chain when it is read again, and another one when a chunk changed', async () => {
    const database = await changed('')
    const before = await evidenceOf(database.url)
    expect((await evidenceOf(database.url)).chain).toBe(before.chain)
    await database.query(`update drover.chunk set loaded = loaded - 1, excluded = excluded + 1 where mapping = 'odd'`)
    const after = await evidenceOf(database.url)
    expect(after.chain).not.toBe(before.chain)
    expect(after.segments.filter(({ digest }, i) => digest !== before.segments[i]!.digest)).toMatchObject([
      { mapping: 'odd' },
    ])
  })

  test('leaves out where the log stood where the role may not ask', async () => {
    const role = { name: `reader_${loaded.name}`, password: 'secret' }
    const database = await changed(`create role ${role.name} login password '${role.password}';
      revoke execute on function pg_catalog.pg_current_wal_lsn() from public;
      grant usage on schema drover to ${role.name};
      grant select on all tables in schema drover to ${role.name}`)
    try {
      const evidence = await evidenceOf(urlOf(database.name, role))
      expect(evidence).toMatchObject({ walPosition: null, readBy: role.name })
      expect(evidence.chain).toBe((await evidenceOf(database.url)).chain)
    } finally {
      await database.query(`drop owned by ${role.name}`)
      await onServer((server) => server.query(`drop role ${role.name}`))
    }
  })
})

test.each([
  [{ b: 1, a: [true, null, { d: 'é"', c: '\n' }] }, '{"a":[true,null,{"c":"\\n","d":"é\\""}],"b":1}'],
  [{ '10': 1, '9': 2, a: undefined }, '{"10":1,"9":2}'],
  [[undefined, 1.5, 1e21, '\ud800'], '[null,1.5,1e+21,"\\ud800"]'],
  [{ '😀': 1, '\uffff': 2 }, '{"😀":1,"\uffff":2}'],
])('%j has one canonical form', (value, text) => {
  expect(canonicalJson(value)).toBe(text)
  expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(text)
})
