import { randomBytes } from 'node:crypto'
import { afterAll } from 'vitest'
import type { Database } from '../../src/db/connection.ts'
import type { DeclaredCheck } from '../../src/define/check.ts'
import type { DroverError } from '../../src/error.ts'
import { asRole, defineMigration, type text } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import type { Finding } from '../../src/verify/verification.ts'
import { type VerifyOptions, verify } from '../../src/verify/verify.ts'
import { catalogOf } from '../plan/planned.ts'
import { createDatabase, onServer, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from './fixture.ts'

const suffix = randomBytes(4).toString('hex')

/** Roles belong to the server, not to a database. One has a name that tries to break out of whatever it is put in. */
export const roles = {
  member: `drover"member'${suffix}`,
  anon: `drover_anon_${suffix}`,
  guest: `drover_guest_${suffix}`,
}

const role = Object.fromEntries(
  Object.entries(roles).map(([name, value]) => [name, `"${value.replaceAll('"', '""')}"`]),
) as typeof roles

/**
 * A club whose members see their own notes: policies call functions that are found by the search path of a session. Guests
 * may ask, and no policy lets them see a row; of strangers (`anon`) the server refuses the question. No mapping fills the
 * shelves.
 */
const schema = `
create schema old;
create table old.members (id text primary key, name text not null);
create table old.notes (id text primary key, member_id text not null, body text not null);
insert into old.members select 'm' || i, 'Member ' || i from generate_series(1, 9) as i;
insert into old.notes select 'n' || lpad(i::text, 3, '0'), 'm' || 1 + i % 8, 'Note ' || i from generate_series(1, 80) as i;
create schema new;
create table new.members (id text primary key, name text not null);
create table new.notes (id text primary key, member_id text not null references new.members, body text not null);
create table new.shelves (member_id text, note_id text);
insert into new.shelves values ('m1', 'n008');
create function public.claim(name text) returns text language sql stable
  as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> name $$;
create function public.me() returns text language sql stable as $$ select claim('sub') $$;
alter table new.notes enable row level security;
grant usage on schema new to ${role.member}, ${role.guest}, ${role.anon};
grant select on new.notes to ${role.guest};
grant select, insert, update, delete on new.notes to ${role.member};
create policy own on new.notes to ${role.member} using (member_id = (select public.me()));
`

interface Old {
  'old.members': { id: text; name: text }
  'old.notes': { id: text; member_id: text; body: text }
}

interface New {
  'new.members': { id: text; name: text }
  'new.notes': { id: text; member_id: text; body: text }
  'new.shelves': { member_id: text; note_id: text }
}

export const m = defineMigration<Old, New>({ name: 'club', cutover: '2025-06-01T00:00:00Z' })

export const members = m.map('members', {
  from: (db) => db.selectFrom('old.members as o'),
  key: ({ o }) => o.id,
  to: 'new.members',
  columns: ({ o }) => ({ id: o.id, name: o.name }),
})

export const notes = m.map('notes', {
  from: (db) => db.selectFrom('old.notes as o'),
  key: ({ o }) => o.id,
  to: 'new.notes',
  columns: ({ o }) => ({ id: o.id, member_id: o.member_id, body: o.body }),
})

export const asMember = asRole<{ id: text }>(roles.member, ({ id }) => ({ sub: id, role: 'member' }))

/** A database in which the club was loaded with these checks: a template for others. */
export async function createClub(checks: readonly DeclaredCheck[]): Promise<TestDatabase> {
  await onServer(async (server) => {
    for (const name of Object.values(role)) {
      await server.query(`do $$ begin create role ${name}; exception when duplicate_object then null; end $$`)
    }
  })
  // After the databases, whose privileges hold the roles: hooks run last first.
  afterAll(() =>
    onServer(async (server) => void (await server.query(`drop role if exists ${Object.values(role).join(', ')}`))),
  )
  return createLoadedDatabase(schema, m.migration([members, notes], { checks }))
}

/** A copy of a club, changed by `fault`, in which `:member` stands for the role, and what its declared checks find then. */
export async function askClub(
  club: TestDatabase,
  fault: string,
  options: VerifyOptions = {},
): Promise<{ readonly database: TestDatabase; readonly findings: readonly Finding[] }> {
  const database = await createDatabase(club.name)
  if (fault !== '') {
    await database.query(fault.replaceAll(/:(member|guest|anon)\b/g, (_, name) => role[name as keyof typeof role]))
  }
  return { database, findings: await withDatabase(database.url, (db) => askDeclared(db, options)) }
}

/** What the declared checks of the run find. */
export async function askDeclared(db: Database, options: VerifyOptions = {}): Promise<readonly Finding[]> {
  const { findings } = await verify(db, '1', options)
  return findings.filter(({ rule }) => rule !== undefined)
}

/** Why checks cannot be asked: what the plan complains of. */
export async function complaintsOfPlan(
  club: TestDatabase,
  checks: readonly DeclaredCheck[],
): Promise<readonly string[]> {
  const catalog = await catalogOf(club)
  try {
    buildPlan(m.migration([members, notes], { checks }), catalog)
    return []
  } catch (thrown) {
    return (thrown as DroverError).findings
  }
}
