import { expect, test } from 'vitest'
import { renderPlan } from '../../src/cli/plan-text.ts'
import { decimal, isoDate, ref, rejectWhen, sql } from '../../src/index.ts'
import { fixRows } from '../../src/repair/fix.ts'
import { retryRows } from '../../src/repair/retry.ts'
import { withDatabase } from '../run/fixture.ts'
import { carryOut, databaseWith, migrationOf } from './planned.ts'

const m = migrationOf()

test('a rejected row is accepted with its insert: when, by whom and why; the first reason decides', async () => {
  const database = await databaseWith(`
    create table old.t (id int primary key, at text, amount text);
    insert into old.t values (1, '2024-01-01', '1'), (2, '2024-01-01', '0'), (3, 'soon', '0'), (4, '2024-01-01', 'x'),
      (5, 'never', '1');
    create table new.t (id int primary key, at date, amount numeric)`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    to: 'new.t',
    columns: ({ t }) => ({
      id: t.id!,
      at: isoDate(t.at!).orQuarantine(),
      amount: rejectWhen(decimal(t.amount!).orReject('no-amount'), 'empty', sql`${t.amount} = '0'`),
    }),
  })
  const plan = await carryOut(database, m.migration([mapping]))
  expect(plan.mappings[0]!.guards.filter(({ outcome }) => outcome === 'quarantine')).toEqual([
    { column: 'at', code: 'not-a-date', outcome: 'quarantine' },
    { column: 'amount', code: 'ambiguous-number', outcome: 'quarantine' },
    { column: 'amount', code: 'no-amount', outcome: 'quarantine', accepted: true },
    { column: 'amount', code: 'no-amount', outcome: 'quarantine', accepted: true },
    { column: 'amount', code: 'empty', outcome: 'quarantine', accepted: true },
  ])
  expect(renderPlan(plan)).toMatch(/quarantine {2}at not-a-date, amount ambiguous-number\n.*reject {6}amount no-amount/)
  const rows = await database.query(
    `select source_key, code, accepted_by = session_user as is_own, accepted_why as why, accepted_at > now() - interval '1 hour' as is_now
    from drover.quarantine order by 1`,
  )
  const accepted = { is_own: true, why: 'declared by the migration', is_now: true }
  const undecided = { is_own: null, why: null, is_now: null }
  expect(rows).toEqual([
    { source_key: '2', code: 'empty', ...accepted },
    { source_key: '3', code: 'not-a-date', ...undecided },
    { source_key: '4', code: 'no-amount', ...accepted },
    { source_key: '5', code: 'not-a-date', ...undecided },
  ])
})

test('a row that is rejected after the load, for want of its parent, is accepted too', async () => {
  const database = await databaseWith(`
    create table old.t (id int primary key, parent int);
    insert into old.t values (1, null), (2, 1), (3, 9), (4, 3);
    create table new.t (id int primary key, parent int)`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    to: 'new.t',
    columns: ({ t }) => ({ id: t.id!, parent: ref(t.parent!, m.later('t', 'new.t')).orReject('no-parent') }),
  })
  await carryOut(database, m.migration([mapping]))
  expect(
    await database.query(
      'select source_key, code, accepted_at is not null as is_accepted from drover.quarantine order by 1',
    ),
  ).toEqual([
    { source_key: '3', code: 'no-parent', is_accepted: true },
    { source_key: '4', code: 'waiting', is_accepted: false },
  ])
  expect(await database.query('select id from new.t order by 1')).toEqual([{ id: 1 }, { id: 2 }])
})

test('tried again, a row is judged anew by the migration; what a person accepted stays accepted', async () => {
  const database = await databaseWith(`
    create table old.t (id int primary key, at text, amount text);
    insert into old.t values (1, 'soon', '1'), (2, '2024-01-01', 'x'), (3, 'soon', 'x'), (4, '2024-01-01', 'x');
    create table new.t (id int primary key, at date, amount numeric)`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    to: 'new.t',
    columns: ({ t }) => ({
      id: t.id!,
      at: isoDate(t.at!).orQuarantine(),
      amount: decimal(t.amount!).orReject('no-amount'),
    }),
  })
  await carryOut(database, m.migration([mapping]))
  await database.query(`update drover.quarantine
    set accepted_at = now(), accepted_by = 'a person', accepted_why = 'known' where source_key = '4'`)
  const fix = (key: string, values: Readonly<Record<string, string>>) => ({ mapping: 't', key, values })
  await withDatabase(database.url, async (db) => {
    await fixRows(db, '1', [fix('1', { amount: 'x', at: '2024-01-01' }), fix('2', { amount: '1', at: 'soon' })])
    await retryRows(db, '1', { mapping: 't', keys: ['1', '2', '3', '4'] }, new Map())
  })
  expect(await database.query('select source_key, code, accepted_why from drover.quarantine order by 1')).toEqual([
    { source_key: '1', code: 'no-amount', accepted_why: 'declared by the migration' },
    { source_key: '2', code: 'not-a-date', accepted_why: null },
    { source_key: '3', code: 'not-a-date', accepted_why: null },
    { source_key: '4', code: 'no-amount', accepted_why: 'known' },
  ])
})
