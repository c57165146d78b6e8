import { asRole, crosswalk, type DeclaredCheck, lowerTrim, sql, type text, type uuid } from 'drover'
import type { PublicMemberRole } from '../app.types.ts'
import { m } from '../migration/base.ts'
import { clinics } from '../migration/clinics.ts'
import { profiles } from '../migration/users.ts'
import { everyone, memberships } from './actors.ts'
import type { Schemas } from './question.ts'

// Who may work where, worked out anew from the legacy rows: `u` is a legacy user.

const legacyRole = sql<text>`regexp_replace(lower(btrim(u.role) collate "C"), '[ -]', '_', 'g')`

const isAboveClinics = sql<boolean>`${legacyRole} = 'system_admin'`

/** What a legacy role stands for; whoever has another one may look and no more. */
const meaning = sql<PublicMemberRole>`(case
  when ${legacyRole} in ('admin', 'office_manager', 'clinic_admin') then 'clinic_admin'
  when ${legacyRole} in ('dentist', 'hygienist', 'provider') then 'provider'
  when ${legacyRole} in ('front_desk', 'staff') then 'staff'
  else 'viewer'
end)::public.member_role`

/** By person and clinic, the highest of the roles that his rows gave him there. */
const legacyRoles = (db: Schemas) =>
  db
    .selectFrom('legacy.users as u')
    .innerJoin(crosswalk(profiles, 'p'), 'p.source_key', 'u.id')
    .innerJoin(crosswalk(clinics, 'c'), 'c.source_key', 'u.clinic_id')
    .where('p.id', 'is not', null)
    .where('c.id', 'is not', null)
    .where(({ not }) => not(isAboveClinics))
    .groupBy(['p.id', 'c.id'])
    .select(({ fn }) => ['p.id as user_id', 'c.id as clinic_id', fn.max(meaning).as('role')])

/** People who can sign in, by the rows that became their profiles: whoever has a clinic, or is above them. */
const legacyPeople = (db: Schemas) =>
  db
    .selectFrom('legacy.users as u')
    .innerJoin(crosswalk(profiles, 'p'), 'p.source_key', 'u.id')
    .leftJoin(crosswalk(clinics, 'c'), 'c.source_key', 'u.clinic_id')
    .where('p.disposition', '=', 'loaded')
    .where(({ eb, or }) => or([isAboveClinics, eb('c.id', 'is not', null)]))
    .select(['p.id as user_id', isAboveClinics.as('is_system_admin')])

/** The clinics that are at work. */
const legacyClinics = (db: Schemas) =>
  db
    .selectFrom('legacy.clinics as l')
    .innerJoin(crosswalk(clinics, 'c'), 'c.source_key', 'l.id')
    .where('c.disposition', '=', 'loaded')
    .where(sql<boolean>`lower(btrim(l.status) collate "C") = 'active'`)
    .select('c.id')

/** Where each may work, and as what: in the active clinics of his rows, or above all of them. */
const legacySessions = (db: Schemas) =>
  db
    .selectFrom(legacyPeople(db).as('person'))
    .innerJoin(legacyRoles(db).as('held'), 'held.user_id', 'person.user_id')
    .innerJoin(legacyClinics(db).as('open'), 'open.id', 'held.clinic_id')
    .where('person.is_system_admin', '=', false)
    .select(({ ref }) => ['person.user_id', 'open.id as clinic_id', sql<text>`${ref('held.role')}::text`.as('role')])
    .unionAll(
      db
        .selectFrom(legacyPeople(db).as('person'))
        .innerJoin(legacyClinics(db).as('open'), (join) => join.onTrue())
        .where('person.is_system_admin', '=', true)
        .select(['person.user_id', 'open.id as clinic_id', sql<text>`'system_admin'`.as('role')]),
    )

/** What the new application makes a session of, asked by the user himself: also the clinics that he may switch to. */
const session = (db: Schemas) =>
  db
    .selectFrom('public.profiles as u')
    .innerJoin('public.clinics as c', (join) => join.on('c.status', '=', 'active'))
    .leftJoin('public.user_clinic_roles as r', (join) =>
      join.onRef('r.user_id', '=', 'u.id').onRef('r.clinic_id', '=', 'c.id').on('r.is_active', '=', true),
    )
    .where(({ eb }) => eb('u.id', '=', sql<uuid>`(select auth.uid())`))
    .where('u.status', '=', 'active')
    .where(({ eb, or }) => or([eb('u.is_system_admin', '=', true), eb('r.role', 'is not', null)]))

export const people: readonly DeclaredCheck[] = [
  m.parity('Each active user has the roles that his legacy rows gave him, in their clinics and in no other', {
    key: ['user_id', 'clinic_id'],
    source: (db) =>
      db
        .selectFrom(legacyRoles(db).as('held'))
        .innerJoin(legacyPeople(db).as('person'), 'person.user_id', 'held.user_id')
        .where('person.is_system_admin', '=', false)
        .select(['held.user_id', 'held.clinic_id', 'held.role']),
    target: (db) => db.selectFrom(memberships(db).as('m')).select(['m.actor as user_id', 'm.clinic_id', 'm.role']),
  }),

  m.access('Each user may work in the active clinics of his legacy rows, with his role there, and in no other', {
    as: asRole<{ actor: uuid }>('authenticated', ({ actor }) => ({ sub: actor })),
    actors: everyone,
    visible: (db) =>
      session(db).select(
        sql<text>`concat_ws(' ', c.id, case when u.is_system_admin then 'system_admin' else r.role::text end)`.as(
          'key',
        ),
      ),
    expected: (db) =>
      db
        .selectFrom(legacySessions(db).as('s'))
        .select(({ ref }) => [
          's.user_id as actor',
          sql<text>`concat_ws(' ', ${ref('s.clinic_id')}, ${ref('s.role')})`.as('key'),
        ]),
  }),

  m.parity('The same people can sign in', {
    key: ['user_id'],
    source: (db) => db.selectFrom(legacyPeople(db).as('person')).select(['person.user_id', 'person.is_system_admin']),
    target: (db) =>
      db
        .selectFrom('public.profiles as u')
        .innerJoin('auth.users as a', 'a.id', 'u.id')
        .where('u.status', '=', 'active')
        .where('a.aud', '=', 'authenticated')
        .where('a.instance_id', '=', '00000000-0000-0000-0000-000000000000')
        .where(({ exists, selectFrom }) =>
          exists(selectFrom('auth.identities as i').whereRef('i.user_id', '=', 'a.id').select('i.id')),
        )
        .where(({ eb, or, exists, selectFrom }) =>
          or([
            eb('u.is_system_admin', '=', true),
            exists(
              selectFrom('public.user_clinic_roles as r')
                .whereRef('r.user_id', '=', 'u.id')
                .where('r.is_active', '=', true)
                .select('r.id'),
            ),
          ]),
        )
        .select(['u.id as user_id', 'u.is_system_admin']),
  }),

  m.parity('Each clinic has as many people of each role', {
    key: ['clinic_id', 'role'],
    source: (db) =>
      db
        .selectFrom(legacyRoles(db).as('held'))
        .groupBy(['held.clinic_id', 'held.role'])
        .select(({ fn }) => ['held.clinic_id', 'held.role', fn.countAll().as('people')]),
    target: (db) =>
      db
        .selectFrom('public.user_clinic_roles as r')
        .groupBy(['r.clinic_id', 'r.role'])
        .select(({ fn }) => ['r.clinic_id', 'r.role', fn.countAll().as('people')]),
  }),

  // A clinic without an administrator can be opened by nobody: that is to be settled before the cutover.
  m.assertNone('Each active clinic has an active administrator', (db) =>
    db
      .selectFrom('public.clinics as c')
      .leftJoin(memberships(db).as('m'), (join) =>
        join.onRef('m.clinic_id', '=', 'c.id').on('m.role', '=', 'clinic_admin'),
      )
      .where('c.status', '=', 'active')
      .where('m.actor', 'is', null)
      .select('c.id'),
  ),

  // The application gives whoever signs in without a role one of its own choice.
  m.assertNone('Each active user who is no system admin has an active role', (db) =>
    db
      .selectFrom('public.profiles as u')
      .leftJoin(memberships(db).as('m'), 'm.actor', 'u.id')
      .where('u.status', '=', 'active')
      .where('u.is_system_admin', '=', false)
      .where('m.actor', 'is', null)
      .select('u.id'),
  ),

  m.assertNone('No two profiles have the same address', (db) =>
    db
      .selectFrom('public.profiles as u')
      .innerJoin('public.profiles as other', (join) =>
        join
          .onRef('other.id', '<>', 'u.id')
          .on(({ eb, ref }) => eb(lowerTrim(ref('other.email')), '=', lowerTrim(ref('u.email')))),
      )
      .select(['u.id', 'other.id as other_id']),
  ),
]
