import type { Kysely } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { decimal, type Expression, lookup, ref, sql } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { type Anything, catalogOf, databaseWith, findingsOf, migrationOf } from './planned.ts'

let catalog: Catalog

beforeAll(async () => {
  const database = await databaseWith(`
    create table old.rooms (id text primary key);
    create table old.bills (id int primary key, room text, amount text, tip numeric, card text);
    create table new.rooms (id text primary key);
    create table new.bills (id int primary key, room text, amount numeric, tip numeric, card text);`)
  catalog = await catalogOf(database)
})

type Row = Readonly<Record<string, Expression<string>>>
type Totals = (source: Readonly<Record<string, Row>>, to: Row) => unknown

const m = migrationOf()
const rooms = m.map('rooms', {
  from: (db) => db.selectFrom('old.rooms as r'),
  key: ({ r }) => r.id!,
  to: 'new.rooms',
  columns: ({ r }) => ({ id: r.id! }),
})
const bills = (totals: Totals, changes: Readonly<Record<string, unknown>> = {}) =>
  m.map('bills', {
    from: (db: Kysely<Anything>) => db.selectFrom('old.bills as b'),
    key: ({ b }: { b: Row }) => b.id,
    to: 'new.bills',
    columns: ({ b }: { b: Row }) => ({
      id: b.id,
      room: ref(b.room!, rooms).orNull(),
      amount: decimal(b.amount!).orQuarantine(),
      tip: b.tip,
      card: b.card,
    }),
    totals,
    ...changes,
  } as never)

const findings = (totals: Totals, changes?: Readonly<Record<string, unknown>>) =>
  findingsOf(m.migration([rooms, bills(totals, changes)]), catalog)

test('a total is planned, and a mapping without one has none', () => {
  const total: Totals = ({ b }, to) => ({
    amount: {
      source: decimal(b!.amount!).orNull(),
      target: to.amount,
      by: [to.room, sql`${to.card} || ${to.id}`, to.room],
    },
  })
  const plan = buildPlan(m.migration([rooms, bills(total)]), catalog)
  expect(plan.mappings.map(({ totals }) => totals?.totals ?? null)).toEqual([
    null,
    [{ name: 'amount', by: ['room', 'card id', 'room (3)'], tolerance: '0', compared: ['loaded'] }],
  ])
})

test.each<readonly [string, Totals, Readonly<Record<string, unknown>>, string]>([
  [
    'a reference',
    ({ b }, to) => ({ x: { source: sql`length(${ref(b!.room!, rooms).orNull()})`, target: to.amount } }),
    {},
    'mapping bills: total x reads in `source` what the run makes. Read the columns of `from`: the sum must be known before the first chunk.',
  ],
  [
    'a look-up',
    ({ b }, to) => ({ x: { source: b!.tip, target: sql`length(${lookup(to.room!, rooms, 'id')})` } }),
    {},
    'mapping bills: total x reads in `target` or `by` what the run makes. Read the columns of the target.',
  ],
  [
    'the target in the source',
    (_, to) => ({ x: { source: to.amount, target: to.amount } }),
    {},
    'mapping bills: total x reads in `source` what the run makes. Read the columns of `from`: the sum must be known before the first chunk.',
  ],
  [
    'the source in the target',
    ({ b }, to) => ({ x: { source: b!.tip, target: to.tip, by: [b!.room] } }),
    {},
    'mapping bills: total x reads b.room in `target` or `by`, which know the row of new.bills alone.',
  ],
  [
    'a column that the target lacks',
    ({ b }, to) => ({ x: { source: b!.tip, target: to.tips } }),
    {},
    'mapping bills: total x reads tips, and new.bills has no such column.',
  ],
  [
    'a column that the source lacks',
    ({ b }, to) => ({ x: { source: b!.tips, target: to.tip } }),
    {},
    'mapping bills: total x reads b.tips, and old.bills has no column tips. Run drover types again.',
  ],
  [
    'a personal amount',
    ({ b }, to) => ({ x: { source: b!.tip, target: to.amount } }),
    { personal: ['tip'] },
    'mapping bills: total x reads b.tip, which `personal` hides: control totals and their groups are shown as they are.',
  ],
  [
    'a group made of a secret',
    ({ b }, to) => ({ x: { source: b!.tip, target: to.tip, by: [to.card] } }),
    { secret: ['card'] },
    'mapping bills: total x reads card, which `secret` hides: control totals and their groups are shown as they are.',
  ],
])('refused, with its place: %s', (_, totals, changes, finding) => {
  expect(findings(totals, changes)).toEqual([finding])
})

test('rows that evolve have no control totals', () => {
  const evolved = m.evolve('bills', {
    from: (db: Kysely<Anything>) => db.selectFrom('new.bills as b'),
    to: 'new.bills',
    columns: ({ b }: { b: Row }) => ({ tip: sql`${b.tip} * 2` }),
    totals: ({ b }: { b: Row }, to: Row) => ({ tip: { source: b.tip, target: to.tip } }),
  } as never)
  expect(findingsOf(m.migration([evolved]), catalog)).toEqual([
    'mapping bills: control totals cannot be taken of rows that evolve: what they were made from is gone. Leave `totals` out.',
  ])
})

test.each<readonly [string, Totals, string]>([
  [
    'a name',
    ({ b }, to) => ({ 'Sum!': { source: b!.tip, target: to.tip } }),
    'A control total has a name of lower-case words.',
  ],
  [
    'a tolerance',
    ({ b }, to) => ({ x: { source: b!.tip, target: to.tip, tolerance: -1 } }),
    'The tolerance of a control total is a number of 0 or more in digits.',
  ],
  [
    'a conversion without decision',
    ({ b }, to) => ({ x: { source: decimal(b!.amount!), target: to.tip } }),
    'The mapping bills is not complete.',
  ],
])('refused at once: %s', (_, totals, what) => {
  expect(() => bills(totals)).toThrow(what)
})
