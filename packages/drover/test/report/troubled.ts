import { sql } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { resume, run } from '../../src/run/run.ts'
import { catalogOf, databaseWith, migrationOf } from '../plan/planned.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { withDatabase } from '../verify/fixture.ts'

/**
 * A target whose trigger refuses one row for good, fails once at another as if transactions had clashed, once as if time was
 * up, and at one as if a table was gone, until `new.is_mended` holds a row.
 */
const schema = `
create table old.items (id int primary key, n int not null);
insert into old.items select i, i from generate_series(1, 400) as i;
create table old.others (id int primary key, n int not null);
insert into old.others select i, i from generate_series(1, 20) as i;
create table new.items (id int primary key, n int not null);
create table new.others (id int primary key, n int not null);
create table new.is_mended (at timestamptz not null);
create sequence new.clashes;
create sequence new.timeouts;
create function new.misbehave() returns trigger language plpgsql as $$
begin
  if new.n = 77 then raise exception 'never'; end if;
  if new.n = 10 and nextval('new.clashes') = 1 then raise exception 'once' using errcode = '40001'; end if;
  if new.n = 160 and nextval('new.timeouts') = 1 then raise exception 'once' using errcode = '57014'; end if;
  if new.n = 390 and not exists (select from new.is_mended) then raise exception 'gone' using errcode = '42P01'; end if;
  return new;
end $$;
create trigger misbehave before insert on new.items for each row execute function new.misbehave();`

const m = migrationOf('troubled')

const migration = m.migration([
  m.map('items', {
    from: (db) => db.selectFrom('old.items as i'),
    key: ({ i }) => i.id!,
    to: 'new.items',
    columns: ({ i }) => ({ id: i.id!, n: sql`${i.n}` }),
  }),
  m.map('others', {
    from: (db) => db.selectFrom('old.others as o'),
    key: ({ o }) => o.id!,
    to: 'new.others',
    columns: ({ o }) => ({ id: o.id!, n: sql`${o.n}` }),
  }),
])

/** A database in which a run of two mappings has failed at its last chunk but one: a template for others. */
export async function createFailedDatabase(): Promise<TestDatabase> {
  const database = await databaseWith(schema)
  const plan = buildPlan(migration, await catalogOf(database))
  await withDatabase(database.url, async (db) => {
    const failed = await run(db, plan, { allowed: hazardNames, rowsPerChunk: 50, workers: 1 }).catch(() => 'failed')
    if (failed !== 'failed') throw new Error('the run was to fail')
  })
  await database.disconnect()
  return database
}

/** Mends what made the run fail, and carries it out to its end. */
export async function mendAndResume(database: TestDatabase): Promise<void> {
  await database.query('insert into new.is_mended values (now())')
  await withDatabase(database.url, (db) => resume(db, '1', { workers: 1 }))
}
