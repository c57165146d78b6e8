import { beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../support/connect.ts'
import { createPair, landed, tablesTold, textsOf } from './landed.ts'

const odd = `
  create schema old;
  create type old.mood as enum ('glad', 'sad');
  create domain old.email as varchar(40) check (value like '%@%');
  create type old.address as (street text, mood old.mood, mail old.email);
  create table old."Odd ""one""" (
    n int generated always as identity primary key,
    gone int,
    "Text" text not null default 'x' unique,
    twice text generated always as ("Text" || "Text") stored,
    b bytea, list text[], doc jsonb, raw json, amount numeric, fixed numeric(6, 2), real float8, at timestamptz, day date,
    span interval, mood old.mood, moods old.mood[], mail old.email, mails old.email[], home old.address, class regclass,
    price money, bits bit(3), several varbit, padded char(5), x xml, range int4range, letter "char", name name
  );
  alter table old."Odd ""one""" drop column gone;
  insert into old."Odd ""one""" values
    (default, e'tab\\t, line\\n, back\\\\slash, \\\\N, Grüße', default, '\\x00ff5c', '{"a\\"b",NULL,"c,d"}',
      '{"a": [1.00, null]}', '{ "a":1.0 }', 1e-30, 1.1, 0.1::float8 / 3, '2024-02-29 23:59:59.123456+13', '0044-03-15 BC',
      '1 mon 2 days 03:04:05.6', 'sad', '{glad,sad}', 'a@b', '{x@y,NULL}', '("a, b",glad,q@r)', 'pg_class', 12.5, '101', '1010',
      'ab', '<a/>', '[1,5)', 'q', 'n'),
    (default, '', default, '', '{}', 'null', null, 'NaN', null, '-Infinity', 'infinity', '-infinity', '0', null, '{}', null,
      null, '(,,)', null, null, null, '', '', null, 'empty', null, null);
  insert into old."Odd ""one""" ("Text") values ('only');
`

const others = `
  create table old.moods as select mood from old."Odd ""one""";
  create table old.lists as select moods from old."Odd ""one""";
  create table old.domains as select mail, mood from old."Odd ""one""";
  create table old.empty (id uuid primary key);
  create table old.without_columns ();
  insert into old.without_columns default values;
  create table old.parts (id int, kind text not null, primary key (id)) partition by range (id);
  create table old.parts_1 partition of old.parts for values from (0) to (100);
  create table old.parts_2 (kind text not null, id int not null);
  alter table old.parts attach partition old.parts_2 for values from (100) to (1000);
  insert into old.parts select i, 'k' || i from generate_series(1, 500) as i;
  create table old.parent (id int primary key);
  create table old.heir (more text) inherits (old.parent);
  insert into old.parent values (1);
  insert into old.heir values (1, 'x'), (2, 'y');
  create view old.seen as select id, kind from old.parts where id < 10;
  create materialized view old.stored as select * from old.parts;
  create unique index stored_id on old.stored (id);
  create table old.keys (
    a int, b text collate "C", c int, unique (a, b), unique nulls not distinct (c), foreign key (c) references old.parts
  );
  create unique index keys_part on old.keys (a) where c > 1;
  create unique index keys_lower on old.keys (lower(b));
  insert into old.keys values (1, 'x', 1), (1, null, 2), (1, null, null);
  create function old.nothing() returns trigger language plpgsql as 'begin return null; end';
  create trigger nothing before insert on old.keys for each row execute function old.nothing();
  alter table old.keys enable row level security;
`

let source: TestDatabase
let target: TestDatabase

beforeAll(async () => {
  const both = await createPair()
  source = both.source
  target = both.target
  const [{ version } = { version: 0 }] = await source.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  )
  await source.query(odd + (version < 150_000 ? others.replace('nulls not distinct', '') : others))
  // Whoever may see new tables of the target sees none that lands.
  await target.query(`alter default privileges grant select on tables to public`)
  await landed({ source, target })
})

describe('tables that have landed', () => {
  it.each([
    '"Odd ""one"""',
    'moods',
    'lists',
    'domains',
    'empty',
    'without_columns',
    'parts',
    'parent',
    'heir',
    'seen',
    'stored',
    'keys',
  ])('hold in every column what they hold at the source: %s', async (name) => {
    expect(await textsOf(target, `old.${name}`)).toEqual(await textsOf(source, `old.${name}`))
  })

  it('are plain ones, with the types of their columns', async () => {
    const kinds = await target.query(
      `select distinct relkind, relpersistence from pg_class where relnamespace = 'old'::regnamespace and relkind <> 'i' and relkind <> 'c'`,
    )
    expect(kinds).toEqual([{ relkind: 'r', relpersistence: 'p' }])
    const columns = (database: TestDatabase) =>
      database.query<{ name: string; type: string; refuses: boolean }>(
        `select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as refuses from pg_attribute
        where attrelid = 'old."Odd ""one"""'::regclass and attnum > 0 and not attisdropped order by attnum`,
      )
    const expected: Record<string, string> = {
      mail: 'character varying(40)',
      mails: 'character varying(40)[]',
      class: 'text',
    }
    expect(await columns(target)).toEqual(
      (await columns(source)).map((column) => ({ ...column, type: expected[column.name] ?? column.type })),
    )
  })

  it('have unique keys over columns, and nothing that acts by itself or refuses more', async () => {
    const keys = await target.query<{ key: string }>(
      `select conrelid::regclass || ' ' || pg_get_constraintdef(oid) as key from pg_constraint
      where connamespace = 'old'::regnamespace and contype <> 'n' order by 1`,
    )
    expect(keys.map(({ key }) => key.replace('NULLS NOT DISTINCT ', ''))).toEqual([
      'old."Odd ""one""" PRIMARY KEY (n)',
      'old."Odd ""one""" UNIQUE ("Text")',
      'old.empty PRIMARY KEY (id)',
      'old.keys UNIQUE (a, b)',
      'old.keys UNIQUE (c)',
      'old.parts PRIMARY KEY (id)',
      'old.stored UNIQUE (id)',
    ])
    const [rest] = await target.query(`select
      (select count(*)::int from pg_attribute as a join pg_class as c on c.oid = attrelid
        where relnamespace = 'old'::regnamespace and atthasdef) as defaults,
      (select count(*)::int from pg_trigger where not tgisinternal) as triggers,
      (select count(*)::int from pg_class where relnamespace = 'old'::regnamespace and relrowsecurity) as policies`)
    expect(rest).toEqual({ defaults: 0, triggers: 0, policies: 0 })
  })

  it('are read by nobody but their owner', async () => {
    const grants = await target.query(
      `select relname from pg_class, aclexplode(relacl) as granted
      where relnamespace = 'old'::regnamespace and grantee <> relowner`,
    )
    expect(grants).toEqual([])
  })

  it('were counted and compared; rows go in binary where every type allows it', async () => {
    const landings = await target.query(`select table_name as name, state, rows = source_rows as same, algorithm,
      definition ->> 'format' as format from drover.landing where table_name in ('parts', 'domains', 'lists', 'Odd "one"') order by 1`)
    const proven = { state: 'landed', same: true, algorithm: 'lookup3' }
    expect(landings).toEqual([
      { name: 'Odd "one"', ...proven, format: 'text' },
      { name: 'domains', ...proven, format: 'binary' },
      { name: 'lists', ...proven, format: 'text' },
      { name: 'parts', ...proven, format: 'binary' },
    ])
  })

  it('stay as they are when they are to land again', async () => {
    const again = await landed({ source, target })
    expect(again).toMatchObject({ hadLanded: 12, events: [] })
    expect(again.tables).toContain('old.keys')
  })

  it('bear another schema name where one is given, their types too', async () => {
    const as = new Map([['old', 'older']])
    const tables = [{ schema: 'old', name: 'moods' }]
    const { tables: names, events } = await landed({ source, target }, { as, selection: { schemas: [], tables } })
    expect(names).toEqual(['older.moods'])
    // What was there was read under another snapshot: it is compared with this one.
    expect(tablesTold(events, 'kept')).toContain('keys')
    expect(await textsOf(target, 'older.moods')).toEqual(await textsOf(source, 'old.moods'))
    const [row] = await target.query(`select pg_typeof(mood)::text as mood from older.moods limit 1`)
    expect(row).toEqual({ mood: 'older.mood' })
  })
})
