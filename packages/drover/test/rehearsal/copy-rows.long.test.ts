import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { readCatalog } from '../../src/catalog/read.ts'
import { copyRows, copySequences } from '../../src/rehearsal/copy-rows.ts'
import { expressionOf, tableNode } from '../../src/sql/nodes.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

const odd = `
  create schema old;
  create type old.mood as enum ('glad', 'sad');
  create table old."Odd ""one""" (
    n int generated always as identity primary key,
    "Text" text,
    twice text generated always as ("Text" || "Text") stored,
    b bytea, list text[], doc jsonb, amount numeric, real float8, at timestamptz, span interval, mood old.mood, secret text
  );
  create sequence old.plain;
`

const rows = `
  insert into old."Odd ""one""" ("Text", b, list, doc, amount, real, at, span, mood, secret) values
    (e'tab\\t, line\\n, back\\\\slash, \\\\N, Grüße', '\\x00ff5c', '{"a\\"b",NULL,"c,d"}', '{"a": [1, null]}', 1e-30, 0.1::float8 / 3,
      '2024-02-29 23:59:59.123456+13', '1 mon 2 days 03:04:05.6', 'sad', 'hush'),
    (null, null, null, null, 'NaN', '-Infinity', 'infinity', null, null, null),
    ('', '', '{}', 'null', 0, 0, '0044-03-15 BC', '0', 'glad', '');
  delete from old."Odd ""one""" where n = 2;
  select nextval('old.plain'), nextval('old.plain');
`

async function copied(real: TestDatabase, scratch: TestDatabase): Promise<void> {
  await withDatabase(real.url, (from) =>
    withDatabase(scratch.url, (to) =>
      from.transaction((tx) =>
        to.transaction(async (other) => {
          const catalog = await readCatalog((text, values) => tx.query(text, values), ['old'])
          for (const table of catalog.tables) {
            await copyRows({ from: tx, to: other }, table, sql`from ${expressionOf(tableNode(table))} as t`)
          }
          await copySequences({ from: tx, to: other }, catalog)
        }),
      ),
    ),
  )
}

describe('rows that are copied', () => {
  it('are the same in every column, secrets and identities too; generated columns are made again', async () => {
    const [real, scratch] = [await createDatabase(), await createDatabase()]
    await real.query(odd + rows)
    await scratch.query(odd)
    await copied(real, scratch)
    const all = `select o::text from old."Odd ""one""" as o order by n`
    expect(await scratch.query(all)).toEqual(await real.query(all))
    expect((await scratch.query(all)).length).toBe(2)
  })

  it('leave sequences where those stand that they come from', async () => {
    const [real, scratch] = [await createDatabase(), await createDatabase()]
    await real.query(odd + rows)
    await scratch.query(`${odd} drop sequence old.plain`)
    await copied(real, scratch)
    const next = `select pg_get_serial_sequence('old."Odd ""one"""', 'n')::regclass as name`
    const [{ name } = { name: '' }] = await scratch.query<{ name: string }>(next)
    expect(await scratch.query(`select last_value::text, is_called from ${name}`)).toEqual([
      { last_value: '3', is_called: true },
    ])
  })

  it('tell which table they did not fit into', async () => {
    const [real, scratch] = [await createDatabase(), await createDatabase()]
    await real.query(odd + rows)
    await scratch.query(`${odd} alter table old."Odd ""one""" add check (n < 3)`)
    await expect(copied(real, scratch)).rejects.toMatchObject({
      code: 'statement-failed',
      where: 'old.Odd "one"',
      why: expect.stringContaining('23514'),
    })
  })

  it('are never all in memory', async () => {
    const [real, scratch] = [await createDatabase(), await createDatabase()]
    const table = 'create schema old; create table old.wide (i int, t text);'
    await real.query(
      `${table} insert into old.wide select i, repeat(md5(i::text), 64) from generate_series(1, 150000) as i`,
    )
    await scratch.query(table)
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers)
    }, 5)
    const before = process.memoryUsage().arrayBuffers
    await copied(real, scratch)
    clearInterval(watch)
    expect(await scratch.query('select count(*)::int as n from old.wide')).toEqual([{ n: 150_000 }])
    // Three hundred megabytes went through; what is done with waits for the collector.
    expect(most - before).toBeLessThan(150_000_000)
  })
})
