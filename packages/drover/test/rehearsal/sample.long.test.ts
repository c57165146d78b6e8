import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { derivedUuid, fold, ref, sql } from '../../src/index.ts'
import { forecast } from '../../src/rehearsal/forecast.ts'
import { databaseWith, migrationOf } from '../plan/planned.ts'
import { fill, practice, practiceWithoutIdentity, schema } from '../run/fixture.ts'
import { everyCell } from '../support/cells.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { countOf, rehearsed, type Sampled, sampled } from './sampled.ts'

const tenth = { fraction: 0.1, wholeUpTo: 500 }
const third = { fraction: 0.3, wholeUpTo: 500 }

/** Customers of several shops under composite keys, their orders, and lines of these: all large; some lead nowhere. */
const shop = `
  create table old.shops (id int primary key, name text);
  create table old.customers (shop int, number int, referrer int, email text, primary key (shop, number));
  create table old.orders (id text primary key, shop int, customer int, at timestamp not null);
  create table old.lines (id int primary key, order_id text, amount int);
  insert into old.shops select i, 'shop ' || i from generate_series(1, 20) as i;
  insert into old.customers select i % 20 + 1, i, case when i % 3 = 0 then i - 20 end, 'c' || i from generate_series(1, 4000) as i;
  insert into old.orders select 'o' || i, i * 7 % 20 + 1, case when i % 50 = 0 then -1 else 20 * (i % 200) + (i * 7 % 20) end, '2024-01-01'
    from generate_series(1, 6000) as i;
  insert into old.lines select i, case when i % 40 = 0 then 'none' else 'o' || (i % 6000 + 1) end, i from generate_series(1, 12000) as i;
  create table new.customers (id uuid primary key, email text, referrer_id uuid references new.customers);
  create table new.orders (id uuid primary key, customer_id uuid not null references new.customers);
  create table new.lines (id int primary key, order_id uuid not null references new.orders, amount int);
`

const m = migrationOf()
const customers = m.map('customers', {
  from: (db) => db.selectFrom('old.customers as c'),
  key: ({ c }) => [c.shop!, c.number!],
  to: 'new.customers',
  columns: ({ c }) => ({
    id: derivedUuid(sql<string>`${c.shop!} || '/' || ${c.number!}`),
    email: c.email!,
    referrer_id: ref([c.shop!, c.referrer!], m.later('customers', 'new.customers')).orNull('orphan-referrer'),
  }),
  dropped: [],
})
const orders = m.map('orders', {
  from: (db) => db.selectFrom('old.orders as o'),
  key: ({ o }) => o.id!,
  to: 'new.orders',
  columns: ({ o }) => ({
    id: derivedUuid(o.id!),
    customer_id: ref([o.shop!, o.customer!], customers).orQuarantine('orphan-customer'),
  }),
  dropped: ['at'],
})
const lines = m.map('lines', {
  from: (db) => db.selectFrom('old.lines as l'),
  key: ({ l }) => l.id!,
  to: 'new.lines',
  columns: ({ l }) => ({
    id: l.id!,
    order_id: ref(l.order_id!, orders).orQuarantine('orphan-order'),
    amount: l.amount!,
  }),
})
const trade = m.migration([customers, orders, lines])

describe('a sample of large tables that refer to each other', () => {
  let real: TestDatabase
  let taken: Sampled

  beforeAll(async () => {
    real = await databaseWith(shop)
    taken = await sampled(real, trade, tenth)
  })

  it('takes small tables whole, and about the share of large ones, with all that they lead to', () => {
    const of = (name: string) => taken.sample.tables.find(({ table }) => table === name)!
    const share = (name: string) => Number(of(name).taken) / Number(of(name).rows)
    expect(of('old.lines')).toMatchObject({ rows: 12_000n, why: null })
    expect(share('old.lines')).toBeGreaterThan(0.08)
    expect(share('old.lines')).toBeLessThan(0.12)
    // Its own draw, and the orders of lines.
    expect(share('old.orders')).toBeGreaterThan(0.2)
    expect(share('old.orders')).toBeLessThan(0.4)
    expect(taken.sample.mappings.map(({ mapping, basis, rows }) => [mapping, basis, rows])).toEqual([
      ['customers', 'drawn', 4000n],
      ['orders', 'drawn', 6000n],
      ['lines', 'drawn', 12_000n],
    ])
  })

  it('has an orphan where the data has one, and nowhere else', async () => {
    const orphans = {
      lines: 'select from old.lines as l where not exists (select from old.orders as o where o.id = l.order_id)',
      orders: `select from old.orders as o
        where not exists (select from old.customers as c where (c.shop, c.number) = (o.shop, o.customer))`,
    }
    for (const [mapping, query] of Object.entries(orphans)) {
      const fraction = taken.sample.mappings.find((each) => each.mapping === mapping)!.fraction
      const [all, some] = [await countOf(real, query), await countOf(taken.scratch, query)]
      expect(some).toBeGreaterThan(0)
      // Far more than there are, if rows were missing that others refer to.
      expect(some).toBeLessThan(all * fraction * 3)
    }
    const known = await real.query<{ id: string }>('select id from old.orders')
    const ids = new Set(known.map(({ id }) => id))
    const lost = await taken.scratch.query<{ order_id: string }>(
      'select order_id from old.lines as l where not exists (select from old.orders as o where o.id = l.order_id)',
    )
    expect(lost.filter(({ order_id }) => ids.has(order_id))).toEqual([])
  })

  it('is the same when it is taken again', async () => {
    const again = await sampled(real, trade, tenth)
    expect(again.sample).toEqual(taken.sample)
    const keys = 'select id from old.lines order by id'
    expect(await again.scratch.query(keys)).toEqual(await taken.scratch.query(keys))
  })

  it('is everything for a share of one', async () => {
    const { sample } = await sampled(real, trade, { fraction: 1 })
    expect(sample.tables.filter(({ rows, taken }) => rows !== taken)).toEqual([])
    expect(sample.mappings.map(({ basis, fraction }) => [basis, fraction])).toEqual([
      ['whole', 1],
      ['whole', 1],
      ['whole', 1],
    ])
  })

  it('forecasts the counts of rows that were drawn, not of those that came along', async () => {
    const { mappings } = forecast(taken.sample, await rehearsed(taken, trade))
    const expected: Record<string, Record<string, number>> = {
      customers: { loaded: 4000 },
      orders: { loaded: 6000 - 120, quarantined: 120 },
      lines: { quarantined: 300 + 234 },
    }
    for (const [name, counts] of Object.entries(expected)) {
      const { dispositions } = mappings.find(({ mapping }) => mapping === name)!
      for (const [what, count] of Object.entries(counts)) {
        const found = dispositions.find((each) => each.what === what)!
        expect([name, what, found.least <= count && count <= found.most]).toEqual([name, what, true])
      }
    }
  })
})

describe('groups', () => {
  let real: TestDatabase

  beforeAll(async () => {
    real = await createDatabase()
    await real.query(`${schema} ${fill(30, 1200)}`)
  })

  it('rows that are the same to the mapping fall together, all of them or none', async () => {
    const { sample, scratch } = await sampled(real, practice, third)
    // Duplicates of the practice have their number in common, and no other rows have it.
    const groups = 'select number, count(*)::int as n from old.visits group by number having count(*) > 1'
    const all = new Map((await real.query<{ number: number; n: number }>(groups)).map(({ number, n }) => [number, n]))
    const some = await scratch.query<{ number: number; n: number }>(
      'select number, count(*)::int as n from old.visits group by number',
    )
    expect(some.filter(({ number, n }) => n !== (all.get(number) ?? 1))).toEqual([])
    expect(some.filter(({ number }) => all.has(number)).length).toBeGreaterThan(5)
    const visits = sample.mappings.find(({ mapping }) => mapping === 'visits')
    expect(visits).toMatchObject({ basis: 'drawn', rows: 1200n, limits: [] })
  })

  it.each([
    ['duplicates that are merged', practice, 'merged'],
    ['rows that a unique key refuses', practiceWithoutIdentity, 'error-23505'],
  ] as const)('%s: their count is forecast', async (_, migration, what) => {
    const taken = await sampled(real, migration, third)
    const whole = await sampled(real, migration, { fraction: 1 })
    const [some, all] = [await rehearsed(taken, migration), await rehearsed(whole, migration)]
    const countsOf = (of: ReturnType<typeof forecast>) => {
      const { dispositions, codes } = of.mappings.find(({ mapping }) => mapping === 'visits')!
      return new Map([...dispositions, ...codes].map((count) => [count.what, count]))
    }
    const expected = countsOf(forecast(taken.sample, some))
    const exact = countsOf(forecast(whole.sample, all))
    for (const [name, { seen, least, most }] of exact) {
      expect([least, most]).toEqual([seen, seen])
      const range = expected.get(name)!
      expect([name, range.least <= seen && seen <= range.most]).toEqual([name, true])
    }
    // Rows that were drawn by themselves would hardly meet another one of their group.
    expect(expected.get(what)!.estimate).toBeGreaterThan(exact.get(what)!.seen / 2)
  })

  it('rows that were drawn together tell less than as many that were drawn alone', async () => {
    const database = await databaseWith(`
      create table old.parts (id int primary key, name text);
      insert into old.parts select i, 'part ' || i / 8 from generate_series(0, 7999) as i;
      create table new.parts (id int primary key, name text);`)
    const parts = m.map('parts', {
      from: (db) => db.selectFrom('old.parts as p'),
      key: ({ p }) => p.id!,
      identity: ({ p }) => [p.name!],
      to: 'new.parts',
      columns: ({ p }) => ({ id: p.id!, name: p.name! }),
    })
    const taken = await sampled(database, m.migration([parts]), tenth)
    const { mappings } = await rehearsed(taken, m.migration([parts]))
    const spreads = mappings[0]!.dispositions.map(({ what, spread }) => [what, spread])
    expect(spreads).toEqual([
      ['loaded', 1],
      ['merged', 7],
      ['quarantined', 1],
    ])
  })

  it('a group of which the row itself tells nothing, or which is huge, makes the table whole', async () => {
    const database = await databaseWith(`
      create table old.people (id int primary key, email text);
      insert into old.people select i, 'p' || i / 2 from generate_series(1, 1000) as i;
      create table old.cards (id int primary key, person int, kind int);
      insert into old.cards select i, i, i % 3 from generate_series(1, 1000) as i;
      create table new.people (id uuid primary key, email text);
      create table new.cards (id int primary key, person_id uuid, kind int);`)
    const people = m.map('people', {
      from: (db) => db.selectFrom('old.people as p'),
      key: ({ p }) => p.id!,
      identity: ({ p }) => [fold(p.email!)],
      to: 'new.people',
      columns: ({ p }) => ({ id: derivedUuid(sql<string>`${p.id!}::text`), email: p.email! }),
    })
    const cardsBy = (identity: 'person_id' | 'kind') =>
      m.map('cards', {
        from: (db) => db.selectFrom('old.cards as c'),
        key: ({ c }) => c.id!,
        identity: (_, to) => [to[identity]!],
        to: 'new.cards',
        columns: ({ c }) => ({ id: c.id!, person_id: ref(c.person!, people).orQuarantine(), kind: c.kind! }),
      })
    for (const by of ['person_id', 'kind'] as const) {
      const { sample } = await sampled(database, m.migration([people, cardsBy(by)]), tenth)
      expect(sample.mappings).toMatchObject([{ basis: 'drawn' }, { basis: 'whole', fraction: 1, rows: 1000n }])
      expect(sample.tables.find(({ table }) => table === 'old.cards')?.why).toContain('takes for the same')
    }
  })
})

describe('rows that stand in targets', () => {
  it('those that drawn rows match are taken, of many', async () => {
    const database = await databaseWith(`
      create table old.users (id int primary key, email text);
      insert into old.users select i, case when i % 2 = 0 then 'U' || i else 'new' || i end from generate_series(1, 2000) as i;
      create table new.tenants (id int primary key);
      insert into new.tenants select i from generate_series(1, 700) as i;
      create table new.users (id uuid primary key, email text unique, tenant int references new.tenants);
      insert into new.users select gen_random_uuid(), 'u' || i, i % 700 + 1 from generate_series(1, 2000) as i;`)
    const users = m.map('users', {
      from: (db) => db.selectFrom('old.users as u'),
      key: ({ u }) => u.id!,
      match: { on: (to, existing) => sql`${existing.email!} = ${to.email!}`, found: 'keep' },
      to: 'new.users',
      columns: ({ u }) => ({ id: derivedUuid(sql<string>`${u.id!}::text`), email: fold(u.email!) }),
    })
    const migration = m.migration([users])
    const taken = await sampled(database, migration, tenth)
    const standing = taken.sample.tables.find(({ table }) => table === 'new.users')!
    expect(standing.taken).toBeGreaterThan(200n)
    expect(standing.taken).toBeLessThan(600n)
    const matched = forecast(taken.sample, await rehearsed(taken, migration)).mappings[0]!.dispositions.find(
      ({ what }) => what === 'matched',
    )!
    expect(matched).toMatchObject({ seen: await countOf(taken.scratch, `select from old.users where id % 2 = 0`) })
    expect(matched.least).toBeLessThanOrEqual(1000)
    expect(matched.most).toBeGreaterThanOrEqual(1000)
  })

  it('those that evolve are drawn by their key', async () => {
    const database = await databaseWith(`
      create table new.clinics (id int primary key, name text);
      insert into new.clinics select i, case when i % 20 = 0 then ' x ' else 'x' end || i from generate_series(1, 4000) as i;`)
    const clinics = m.evolve('clinics', {
      from: (db) => db.selectFrom('new.clinics as c'),
      to: 'new.clinics',
      columns: ({ c }) => ({ name: sql<string>`btrim(${c.name!})` }),
    })
    const migration = m.migration([clinics])
    const taken = await sampled(database, migration, tenth)
    expect(taken.sample.mappings).toMatchObject([{ basis: 'drawn', rows: 4000n }])
    const [evolved] = forecast(taken.sample, await rehearsed(taken, migration)).mappings
    expect(evolved!.dispositions.find(({ what }) => what === 'matched')?.estimate).toBeCloseTo(4000, -1)
  })
})

describe('what a mapping reads beside its table', () => {
  it('takes what joins, views, subqueries and partitioned tables hold', async () => {
    const database = await databaseWith(`
      create table old.notes (id int primary key, visit int unique, text text);
      insert into old.notes select i, i, 'n' from generate_series(1, 1000) as i;
      create table old.rates (id int, year int, rate int) partition by range (year);
      create table old.rates_1 partition of old.rates for values from (0) to (10);
      create table old.rates_2 partition of old.rates for values from (10) to (20);
      alter table old.rates add primary key (id, year);
      insert into old.rates select i, i % 20, i from generate_series(1, 1000) as i;
      create table old.hidden (id int primary key);
      insert into old.hidden select i from generate_series(1, 1000) as i;
      create view old.shown as select id from old.hidden;
      create table old.asked (id int primary key);
      insert into old.asked select i from generate_series(1, 1000) as i;
      create table old.visits (id int primary key, year int, shown int);
      insert into old.visits select i, i % 20, i from generate_series(1, 1000) as i;
      create table new.visits (id int primary key, note text, rate int, shown int, asked bool);
      create table new.shown (id int primary key);`)
    const shown = m.map('shown', {
      from: (db) => db.selectFrom('old.shown as s'),
      key: ({ s }) => s.id!,
      to: 'new.shown',
      columns: ({ s }) => ({ id: s.id! }),
    })
    const visits = m.map('visits', {
      from: (db) =>
        db
          .selectFrom('old.visits as v')
          .leftJoin('old.notes as n', 'n.visit', 'v.id')
          .leftJoin('old.rates as r', (join) => join.onRef('r.id', '=', 'v.id').onRef('r.year', '=', 'v.year')),
      key: ({ v }) => v.id!,
      to: 'new.visits',
      columns: ({ v, n, r }) => ({
        id: v.id!,
        note: n.text!,
        rate: r.rate!,
        shown: ref(v.shown!, shown).orNull('orphan'),
        asked: sql<boolean>`exists (select from ${sql.table('old.asked')} as a where a.id = ${v.id!})`,
      }),
      dropped: [],
    })
    const { sample, scratch } = await sampled(database, m.migration([shown, visits]), tenth)
    const of = (name: string) => sample.tables.find(({ table }) => table === name)!
    expect(of('old.asked')).toMatchObject({ taken: 1000n, why: expect.stringContaining('subquery') })
    expect(of('old.hidden')).toMatchObject({ taken: 1000n, why: expect.stringContaining('view') })
    expect(of('old.visits').taken).toBeLessThan(200n)
    expect(of('old.rates').taken).toBeLessThan(400n)
    const lost = `select from old.visits as v
      where not exists (select from old.notes as n where n.visit = v.id)
        or not exists (select from old.rates as r where (r.id, r.year) = (v.id, v.year))`
    expect(await countOf(database, lost)).toBe(0)
    expect(await countOf(scratch, lost)).toBe(0)
  })

  it('rows that are made of several others are counted at least, and at most', async () => {
    const database = await databaseWith(`
      create table old.days (id int primary key, clinic int, amount int);
      insert into old.days select i, i % 400, i from generate_series(1, 4000) as i;
      create table new.days (id int primary key, amount int);
      create table new.clinics (id int primary key, n int);`)
    const days = m.map('days', {
      from: (db) => db.selectFrom('old.days as d'),
      key: ({ d }) => d.id!,
      to: 'new.days',
      columns: ({ d }) => ({ id: d.id!, amount: d.amount! }),
      dropped: ['clinic'],
    })
    const clinics = m.map('clinics', {
      from: (db) =>
        db.selectFrom(
          db
            .selectFrom('old.days as d')
            .select(({ fn }) => ['d.clinic', fn.countAll().as('n')])
            .groupBy('d.clinic')
            .as('c'),
        ),
      key: ({ c }) => c.clinic!,
      to: 'new.clinics',
      columns: ({ c }) => ({ id: c.clinic!, n: sql<number>`${c.n!}::int4` }),
    })
    const migration = m.migration([days, clinics])
    const taken = await sampled(database, migration, tenth)
    const foreseen = forecast(taken.sample, await rehearsed(taken, migration))
    const made = foreseen.mappings.find(({ mapping }) => mapping === 'clinics')!
    expect(made).toMatchObject({ basis: 'derived', rows: null })
    const loaded = made.dispositions.find(({ what }) => what === 'loaded')!
    expect(loaded.estimate).toBeNull()
    expect(loaded.least).toBeLessThanOrEqual(400)
    expect(loaded.most).toBeGreaterThanOrEqual(400)
  })
})

describe('any data', () => {
  let real: TestDatabase

  beforeAll(async () => {
    real = await databaseWith(`
      create table old.parents (a int, b int, next_a int, next_b int, primary key (a, b));
      create table old.children (id int primary key, a int, b int, other int unique);
      create table old.others (id int primary key, child int);
      create table new.parents (id uuid primary key);
      create table new.children (id int primary key, parent_id uuid, code int unique);
      create table new.others (id int primary key, child_id int);`)
  })

  const parents = m.map('parents', {
    from: (db) => db.selectFrom('old.parents as p'),
    key: ({ p }) => [p.a!, p.b!],
    to: 'new.parents',
    columns: ({ p }) => ({ id: derivedUuid(sql<string>`${p.a!} || '/' || ${p.b!}`) }),
    dropped: ['next_a', 'next_b'],
  })
  const children = m.map('children', {
    from: (db) => db.selectFrom('old.children as c').leftJoin('old.others as o', 'o.id', 'c.other'),
    key: ({ c }) => c.id!,
    to: 'new.children',
    columns: ({ c }) => ({
      id: c.id!,
      parent_id: ref([c.a!, c.b!], parents).orNull(),
      code: sql<number>`${c.other!} / 2`,
    }),
  })
  const others = m.map('others', {
    from: (db) => db.selectFrom('old.others as o'),
    key: ({ o }) => o.id!,
    to: 'new.others',
    columns: ({ o }) => ({ id: o.id!, child_id: ref(o.child!, children).orNull() }),
  })
  const migration = m.migration([parents, children, others])

  it('no reference of a row that is taken leads to one that is there and was not taken', async () => {
    const small = fc.integer({ min: 0, max: 12 })
    const pairs = fc.uniqueArray(fc.tuple(small, small), { maxLength: 30, selector: String })
    const rows = fc.array(fc.tuple(small, small, fc.integer({ min: 0, max: 60 })), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(
        pairs,
        rows,
        rows,
        fc.double({ min: 0.05, max: 0.6, noNaN: true }),
        async (some, more, rest, fraction) => {
          await real.query('truncate old.parents, old.children, old.others')
          for (const [i, [a, b]] of some.entries()) {
            await real.query('insert into old.parents values ($1, $2, $3, $4)', [
              a,
              b,
              ...(some[i + 1] ?? [null, null]),
            ])
          }
          for (const [i, [a, b]] of more.entries()) {
            await real.query('insert into old.children values ($1, $2, $3, $4)', [i, a, b, i])
          }
          for (const [i, [, , child]] of rest.entries())
            await real.query('insert into old.others values ($1, $2)', [i, child])
          const { scratch } = await sampled(real, migration, { fraction, wholeUpTo: 0 })
          const lost = await missing(real, scratch)
          await scratch.drop()
          expect(lost).toEqual([])
        },
      ),
      { numRuns: everyCell ? 40 : 8, endOnFailure: true },
    )
  }, 300_000)
})

/** The keys of rows that rows of the sample refer to, that the data has and the sample has not. */
async function missing(real: TestDatabase, scratch: TestDatabase): Promise<readonly string[]> {
  const reads = [
    ['old.children', `a || '/' || b`, 'old.parents', `a || '/' || b`],
    ['old.children', 'other', 'old.others', 'id'],
    ['old.children', 'other / 2', 'old.children', 'other / 2'],
    ['old.others', 'child', 'old.children', 'id'],
  ] as const
  const lost: string[] = []
  for (const [from, reference, to, key] of reads) {
    const values = async (database: TestDatabase, table: string, value: string) => {
      const rows = await database.query<{ v: string; n: string }>(
        `select (${value})::text as v, count(*) as n from ${table} group by 1`,
      )
      return new Map(rows.map(({ v, n }) => [v, n]))
    }
    const [wanted, there, here] = [
      await values(scratch, from, reference),
      await values(real, to, key),
      await values(scratch, to, key),
    ]
    for (const value of wanted.keys()) if (there.get(value) !== here.get(value)) lost.push(`${from} ${value}`)
  }
  return lost
}
