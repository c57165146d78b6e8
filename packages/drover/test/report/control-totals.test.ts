import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { decimal, type int4, quarantineWhen, sql } from '../../src/index.ts'
import { readReport } from '../../src/report/read.ts'
import { renderMarkdown } from '../../src/report/render-markdown.ts'
import type { Report } from '../../src/report/report.ts'
import { carryOut, databaseWith, migrationOf } from '../plan/planned.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { withDatabase } from '../verify/fixture.ts'
import { departures } from './schema-check.ts'

const schema = JSON.parse(await readFile(new URL('../../src/report/report.schema.json', import.meta.url), 'utf8'))

const m = migrationOf('billing')
const one = sql<int4>`1`

/** Of every third bill the cents are lost. */
const bills = m.map('bills', {
  from: (db) => db.selectFrom('old.bills as b'),
  key: ({ b }) => b.id!,
  where: ({ b }) => sql`${b.id} <> 60`,
  to: 'new.bills',
  columns: ({ b }) => ({
    id: b.id!,
    amount: quarantineWhen(
      sql`case when ${b.id} % 3 = 0 then trunc(${b.amount}::numeric) else ${b.amount}::numeric end`,
      'large',
      sql`${b.id} > 99`,
    ),
  }),
  totals: ({ b }, to) => ({
    amount: { source: decimal(b.amount!).orNull(), target: to.amount!, by: [to.id!] },
    bills: { source: one, target: one },
  }),
})

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await databaseWith(`
    create table old.bills (id int primary key, amount text);
    create table new.bills (id int primary key, amount numeric);
    insert into old.bills select i, i || '.25' from generate_series(1, 100) as i`)
  await carryOut(loaded, m.migration([bills]))
  await loaded.disconnect()
})

const reportAfter = async (change: string): Promise<Report> => {
  const database = await createDatabase(loaded.name)
  if (change !== '') await database.query(change)
  const report = await withDatabase(database.url, (db) => readReport(db, '1'))
  expect(departures(JSON.parse(JSON.stringify(report)), schema)).toEqual([])
  return report
}

test('a total says where it went, and which groups were loaded with another sum', async () => {
  const { controlTotals } = await reportAfter('')
  const [amount, count] = controlTotals
  expect(amount).toMatchObject({
    mapping: 'bills',
    name: 'amount',
    by: ['id'],
    sourceRows: '100',
    source: '5075',
    dispositions: { loaded: '4914.5', merged: '0', matched: '0', quarantined: '100.25', excluded: '60.25' },
    addsUp: true,
    target: '4906.5',
    differingGroups: '32',
    verdict: 'not run',
    found: null,
  })
  expect(amount?.differences).toHaveLength(20)
  expect(amount?.differences[0]).toEqual({ group: ['12'], rows: '1', source: '12.25', target: '12' })
  expect(count).toMatchObject({ name: 'bills', source: '100', target: '98', differingGroups: '0', differences: [] })
})

test('what a verification found stands beside it', async () => {
  const { controlTotals } = await reportAfter(`
    insert into drover.finding (run_id, check_name, mapping, rule, verdict, actual, detail)
    values (1, 'control totals', 'bills', 'amount', 'fail', 'source 1, in the target 2', 'x')`)
  expect(controlTotals.map(({ name, verdict, found }) => [name, verdict, found])).toEqual([
    ['amount', 'fail', 'source 1, in the target 2'],
    ['bills', 'not run', null],
  ])
})

test('of a mapping that is not closed the source is told, of one that was not prepared nothing', async () => {
  const loading = await reportAfter(`delete from drover.control_total where stage = 'loaded'`)
  expect(loading.controlTotals[0]).toMatchObject({ source: '5075', dispositions: null, target: null })
  expect(renderMarkdown(loading)).toContain('| `bills` | `amount` |         5,075 |')
  expect((await reportAfter('delete from drover.control_total')).controlTotals).toEqual([])
})

test('what was lost between the source and the crosswalk does not add up', async () => {
  const { controlTotals } = await reportAfter(
    `delete from drover.control_total where stage = 'loaded' and disposition = 'quarantined'`,
  )
  expect(controlTotals[0]?.addsUp).toBe(false)
})

test('rows of the source are told as they were before the first chunk, too', async () => {
  const { mappings } = await reportAfter('update drover.step set source_rows_before = 99')
  expect(mappings[0]).toMatchObject({ sourceRows: '100', sourceRowsBefore: '99' })
})
