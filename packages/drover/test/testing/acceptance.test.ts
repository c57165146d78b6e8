import { AssertionError } from 'node:assert'
import { type MigrationDefinition, sql } from 'drover'
import {
  type Acceptance,
  acceptance,
  dispositionOf,
  expectDispositions,
  expectNothingQuarantined,
  expectRow,
  type TestDatabase,
  testDatabase,
} from 'drover/testing'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { customers, orders, rows, schema, shop } from './shop.ts'

const allow = ['drops-indexes', 'fires-triggers'] as const
const shopDatabase = () => testDatabase({ url: inject('serverUrl'), setup: [schema, rows] })

describe('a migration that is as it should be', () => {
  let database: TestDatabase
  let result: Acceptance<'customers' | 'orders' | 'lines'>
  beforeAll(async () => {
    database = await shopDatabase()
    result = await acceptance({ migration: shop, database, allow })
  })
  afterAll(() => database.drop())

  test('goes there and back, and ends loaded', async () => {
    expect(result.stages.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'check pass',
      'run pass',
      'verification pass',
      'rollback pass',
      'comparison pass',
      'run again pass',
    ])
    expect(result.report.verdict).toMatchObject({ carriedOut: 'in full', verification: 'pass' })
    expect(result.report.run.id).not.toBe(result.runId)
    expect(result.findings.length).toBeGreaterThan(20)
    expect(await database.query('select count(*)::int as n from new.customers')).toEqual([{ n: 3 }])
  })

  test('tells what became of the rows', () => {
    expectDispositions(result, {
      customers: { loaded: 3, quarantined: { 'no-email': 2 }, corrected: 1 },
      orders: { loaded: 2, quarantined: { waiting: 1 }, excluded: 1 },
      lines: { loaded: 3, quarantined: 1 },
    })
    expect(() => expectNothingQuarantined(result)).toThrow(
      'Rows were set aside.\nmapping customers\n  quarantined: expected 0, found 2\n    quarantined no-email: 2: 3, 4\n',
    )
    // @ts-expect-error: the migration has no mapping of that name.
    expect(() => expectNothingQuarantined(result, 'people')).toThrow('the migration has none of that name')
  })

  test.each([
    [{ customers: { loaded: 3, quarantined: 2, merged: 1 } }, 'merged: expected 1, found 0'],
    [{ customers: { loaded: 2, quarantined: 2 } }, 'loaded: expected 2, found 3: 1, 2, 5'],
    [{ customers: { loaded: 3 } }, 'quarantined no-email: expected 0, found 2: 3, 4'],
    [{ customers: { loaded: 3, quarantined: { gone: 2 } } }, 'quarantined gone: expected 2, found 0'],
    [{ customers: { loaded: 3, quarantined: 2, corrected: { 'not-in-list': 2 } } }, 'expected 2, found'],
    [{ customers: { loaded: 3, quarantined: 2, noted: 1 } }, 'noted: expected 1, found 0'],
    [{ orders: { loaded: 2, quarantined: 1 } }, 'excluded: expected 0, found 1: 13'],
  ])('and refuses %j', (expected, line) => {
    expect(() => expectDispositions(result, expected)).toThrow(AssertionError)
    expect(() => expectDispositions(result, expected)).toThrow(line)
  })

  test('tells of a single row', async () => {
    expect(await dispositionOf(result, 'customers', 4)).toEqual({
      disposition: 'quarantined',
      codes: ['no-email'],
      target: null,
    })
    const second = await dispositionOf(database, 'customers', 2)
    expect(second).toMatchObject({ disposition: 'loaded', codes: [expect.any(String)] })
    expect(second.target).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(await dispositionOf(result, 'orders', '13')).toMatchObject({ disposition: 'excluded' })
    expect(await dispositionOf(result, 'lines', [10, 2])).toMatchObject({ disposition: 'loaded' })
    await expect(dispositionOf(result, 'lines', [10, 3])).rejects.toMatchObject({ code: 'row-missing' })
    // @ts-expect-error: the migration has no mapping of that name.
    await expect(dispositionOf(result, 'people', 1)).rejects.toMatchObject({ code: 'usage-invalid' })
  })

  test('and what it became, as the server compares', async () => {
    await expectRow(result, customers, 1, { email: 'ann@example.org', status: 'active' })
    await expectRow(result, orders, 10, {
      total: 9.5,
      at: new Date('2024-03-01T09:00:00Z'),
      extra: { from: 'shop', was: 10 },
    })
    await expectRow(database, 'orders', 10, { total: '9.500', at: '2024-03-01 04:00-05' })
    await expect(expectRow(result, customers, 2, { email: 'b@example.org', status: 'gone' })).rejects.toThrow(
      'customers 2 did not become the row that was expected.\n  email: expected "b@example.org", found "bob@example.org"',
    )
    await expect(expectRow(result, customers, 3, { email: '' })).rejects.toThrow('It was quarantined: no-email.')
    await expect(expectRow(result, orders, 13, {})).rejects.toThrow('It was excluded.')
    // @ts-expect-error: the target has no column of that name.
    await expect(expectRow(result, customers, 1, { mail: '' })).rejects.toMatchObject({ code: 'usage-invalid' })
    await expect(expectRow(result, orders, 10, { at: 'soon' })).rejects.toMatchObject({ code: 'statement-failed' })
  })
})

/** The shop, with columns of orders that are made otherwise. */
function shopWith(
  column: string,
  value: ReturnType<typeof sql>,
): MigrationDefinition<'customers' | 'orders' | 'lines'> {
  const mappings = shop.mappings.map((mapping) =>
    mapping.name === 'orders'
      ? { ...mapping, columns: { ...mapping.columns, [column]: value.toOperationNode() } }
      : mapping,
  )
  return { ...shop, mappings }
}

async function failure(migration: MigrationDefinition, further: readonly string[] = []): Promise<Error> {
  const database = await testDatabase({ url: inject('serverUrl'), setup: [schema, rows, ...further] })
  try {
    return await acceptance({ migration, database, allow }).then(
      () => expect.unreachable('it passed'),
      (thrown: Error) => thrown,
    )
  } finally {
    await database.drop()
  }
}

describe('a migration that is not', () => {
  test('names rows that the second run makes otherwise, and the column', async () => {
    const thrown = await failure(shopWith('total', sql`old.runs() * 10.0`), [
      `create function old.runs() returns int stable language plpgsql as $$ begin
        if to_regclass('drover.run') is null then return 1; end if;
        return (select count(*) from drover.run);
      end $$`,
    ])
    expect(thrown).toBeInstanceOf(AssertionError)
    expect(thrown.message).toContain('Migration shop did not pass')
    expect(thrown.message).toMatch(/new\.orders [0-9a-f-]{36}: total/)
  })

  test('names what verification finds', async () => {
    // A trigger changes what the run writes.
    const thrown = await failure(shop, [
      `create function new.change() returns trigger language plpgsql as $$ begin new.email := 'x' || new.email; return new; end $$;
      create trigger change before insert on new.customers for each row execute function new.change()`,
    ])
    expect(thrown).toBeInstanceOf(AssertionError)
    expect(thrown.message).toContain('did not pass: verification.')
    expect(thrown.message).toMatch(/row comparison, mapping customers: .*\n {6}key 1: /)
    expect(thrown.message).not.toContain('example')
  })

  test('names rows that are not as they were', async () => {
    // Its expressions write beside the run.
    const thrown = await failure(shopWith('total', sql`old.counted()`), [
      `create table new.log (id int primary key, n int);
      insert into new.log values (7, 0), (8, 0);
      create function old.counted() returns numeric language plpgsql as $$ begin
        if current_setting('transaction_read_only') = 'off' then update new.log set n = n + 1 where id = 7; end if;
        return 1;
      end $$`,
    ])
    expect(thrown.message).toContain('comparison')
    expect(thrown.message).toContain('\n  - new.log 7: n')
    expect(thrown.message).not.toContain('new.log 8')
  })

  test('is refused with the error of drover', async () => {
    expect(await failure(shopWith('nothing', sql`1`))).toMatchObject({ code: 'definition-invalid' })
    expect(await failure({ ...shop, indexes: 'keep', freeze: 'none' })).toMatchObject({ code: 'hazard-not-allowed' })
    expect(await failure(shopWith('total', sql`1 / (select 0 from old.orders limit 1)`))).toMatchObject({
      name: 'DroverError',
    })
  })
})

test('rows of another database are used, and it is only read', async () => {
  const real = await shopDatabase()
  const database = await testDatabase({ url: inject('serverUrl') })
  const result = await acceptance({ migration: shop, database, allow, sample: { url: real.url } })
  expectDispositions(result, { lines: { loaded: 3, quarantined: 1 } })
  expect(result.stages.map(({ name }) => name).slice(0, 2)).toEqual(['schema', 'sample'])
  expect(await real.query(`select from pg_namespace where nspname = 'drover'`)).toEqual([])
  await database.drop()
  await real.drop()
})
