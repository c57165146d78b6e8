import { asRole, type DeclaredCheck, type uuid } from 'drover'
import { m } from '../migration/base.ts'
import { asUuid, intruders, members, memberships, stranger, tooWeak } from './actors.ts'
import type { Schemas } from './question.ts'
import { type GuardedTable, guardedTables } from './tenant-tables.ts'

/** Who tries to write, and a clinic. */
interface Writer {
  readonly actor: uuid
  readonly clinic_id: uuid
}

const as = asRole<Writer>('authenticated', ({ actor }) => ({ sub: actor }))

/** A stranger, with some clinic. */
const strangers = (db: Schemas) =>
  db
    .selectFrom(stranger(db).as('someone'))
    .innerJoin(db.selectFrom('public.clinics as c').orderBy('c.id').limit(1).select('c.id').as('some'), (join) =>
      join.onTrue(),
    )
    .select(['someone.actor', 'some.id as clinic_id'])

/** Members whose role is too low to write, and a stranger. */
const weakOrStrange = (db: Schemas, role: GuardedTable['writes']) => tooWeak(db, role).unionAll(strangers(db))

/**
 * An insert is refused before the server looks at what else is wrong with the row: policies are enforced before any
 * other constraint. A change and a deletion find no row; those without a condition need no right to read, so that no
 * policy for reading stands in for the missing one. Such a one cannot be asked of those who may write somewhere: the rows
 * that it would rightly find are theirs.
 */
const ofEveryTable = guardedTables.flatMap(({ table, name, writes }) => [
  m.attempt(`Nobody adds rows to a clinic that he may not write in: ${name}`, {
    as,
    actors: (db) => weakOrStrange(db, writes).unionAll(intruders(db)),
    write: (db, actor) => db.insertInto(table).values({ clinic_id: asUuid(actor.clinic_id) } as never),
    outcome: 'refused',
  }),
  m.attempt(`Nobody changes rows where he may not write: ${name}`, {
    as,
    actors: (db) => weakOrStrange(db, writes),
    write: (db, actor) => db.updateTable(table).set('clinic_id', asUuid(actor.clinic_id)),
    outcome: 'no row',
  }),
  m.attempt(`Nobody but an administrator deletes rows: ${name}`, {
    as,
    actors: (db) => weakOrStrange(db, writes === null ? null : 'clinic_admin'),
    write: (db) => db.deleteFrom(table),
    outcome: 'no row',
  }),
])

const ofWritableTables = guardedTables
  .filter(({ writes }) => writes !== null)
  .flatMap(({ table, name }) => [
    m.attempt(`Nobody changes rows of another clinic: ${name}`, {
      as,
      actors: members,
      write: (db, actor) =>
        db
          .updateTable(table)
          .set('clinic_id', asUuid(actor.clinic_id))
          .where('clinic_id', '<>', asUuid(actor.clinic_id)),
      outcome: 'no row',
    }),
    m.attempt(`Nobody deletes rows of another clinic: ${name}`, {
      as,
      actors: members,
      write: (db, actor) => db.deleteFrom(table).where('clinic_id', '<>', asUuid(actor.clinic_id)),
      outcome: 'no row',
    }),
  ])

/** Of each clinic that has rows: its administrator, with another clinic. The migration makes no invitations. */
const ofTablesWithRows = guardedTables
  .filter(({ writes, name }) => writes !== null && name !== 'clinic_invitations')
  .map(({ table, name }) =>
    m.attempt(`Nobody moves rows to another clinic: ${name}`, {
      as,
      actors: (db) =>
        db
          .selectFrom(intruders(db).as('intruder'))
          .innerJoin(memberships(db).as('own'), 'own.actor', 'intruder.actor')
          .where('own.role', '=', 'clinic_admin')
          .where(({ exists, selectFrom }) =>
            exists(selectFrom(`${table} as t`).whereRef('t.clinic_id', '=', 'own.clinic_id').select('t.clinic_id')),
          )
          .select(['intruder.actor', 'intruder.clinic_id']),
      write: (db, actor) => db.updateTable(table).set('clinic_id', asUuid(actor.clinic_id)),
      outcome: 'refused',
    }),
  )

const clinics = [
  m.attempt('Nobody adds a clinic', {
    as,
    actors: (db) => members(db).unionAll(strangers(db)),
    write: (db) => db.insertInto('public.clinics').values({ name: 'another' } as never),
    outcome: 'refused',
  }),
  m.attempt('Nobody changes another clinic', {
    as,
    actors: members,
    write: (db, actor) =>
      db.updateTable('public.clinics').set('status', 'inactive').where('id', '<>', asUuid(actor.clinic_id)),
    outcome: 'no row',
  }),
  m.attempt('Nobody but an administrator changes his clinic', {
    as,
    actors: (db) => weakOrStrange(db, 'clinic_admin'),
    write: (db) => db.updateTable('public.clinics').set('status', 'inactive'),
    outcome: 'no row',
  }),
  m.attempt('Nobody deletes a clinic', {
    as,
    actors: (db) => members(db).unionAll(weakOrStrange(db, null)),
    write: (db) => db.deleteFrom('public.clinics'),
    outcome: 'no row',
  }),
]

const people = [
  m.attempt('Nobody makes a profile', {
    as,
    actors: (db) => members(db).unionAll(weakOrStrange(db, null)),
    write: (db, actor) => db.insertInto('public.profiles').values({ id: asUuid(actor.actor) } as never),
    outcome: 'refused',
  }),
  m.attempt('Nobody makes a system admin, of himself or of others', {
    as,
    actors: (db) => members(db).unionAll(weakOrStrange(db, null)),
    write: (db) => db.updateTable('public.profiles').set('is_system_admin', true),
    outcome: 'no row',
  }),
  m.attempt('Nobody who is no administrator gives himself a role', {
    as,
    actors: (db) => weakOrStrange(db, 'clinic_admin'),
    write: (db, actor) =>
      db
        .insertInto('public.user_clinic_roles')
        .values({ user_id: asUuid(actor.actor), clinic_id: asUuid(actor.clinic_id), role: 'clinic_admin' } as never),
    outcome: 'refused',
  }),
  m.attempt('Nobody who is no administrator raises a role', {
    as,
    actors: (db) => weakOrStrange(db, 'clinic_admin'),
    write: (db) => db.updateTable('public.user_clinic_roles').set('role', 'clinic_admin'),
    outcome: 'no row',
  }),
  m.attempt('Nobody deletes a profile', {
    as,
    actors: (db) => members(db).unionAll(weakOrStrange(db, null)),
    write: (db) => db.deleteFrom('public.profiles'),
    outcome: 'no row',
  }),
]

/** What no user may write, in any way that the application knows. */
export const writes: readonly DeclaredCheck[] = [
  ...ofEveryTable,
  ...ofWritableTables,
  ...ofTablesWithRows,
  ...clinics,
  ...people,
]
