import { type Expression, type int8, sql, type text, type uuid } from 'drover'
import type { PublicMemberRole } from '../app.types.ts'
import type { Schemas } from './question.ts'

/** Someone who has signed up and is known to no clinic: his id is in no table. */
const strangerId = sql<uuid>`'00000000-0000-4000-8000-000000000000'::uuid`

export const stranger = (db: Schemas) =>
  db.selectFrom(sql<{ id: uuid }>`(select ${strangerId} as id)`.as('stranger')).select('stranger.id as actor')

/** Everyone who can sign in, whatever his profile says, and a stranger. */
export const everyone = (db: Schemas) =>
  db.selectFrom('public.profiles as u').select('u.id as actor').unionAll(stranger(db))

/** People whose profile is in use. */
export const activePeople = (db: Schemas) =>
  db.selectFrom('public.profiles as u').where('u.status', '=', 'active').select('u.id as actor')

/**
 * The roles by which people work in clinics: read from the tables, and not by the functions of the policies, which are
 * what is to be checked. A system admin is above clinics.
 */
export const memberships = (db: Schemas) =>
  db
    .selectFrom('public.user_clinic_roles as r')
    .innerJoin('public.profiles as u', 'u.id', 'r.user_id')
    .where('r.is_active', '=', true)
    .where('u.status', '=', 'active')
    .where('u.is_system_admin', '=', false)
    .select(['u.id as actor', 'r.clinic_id', 'r.role'])

const systemAdmins = (db: Schemas) =>
  db
    .selectFrom('public.profiles as u')
    .where('u.status', '=', 'active')
    .where('u.is_system_admin', '=', true)
    .select('u.id as actor')

/** The clinics that are open to each, in which he has at least that role: to a system admin all. */
export const openClinics = (db: Schemas, role: PublicMemberRole = 'viewer') =>
  db
    .selectFrom(memberships(db).as('mine'))
    .where('mine.role', '>=', role)
    .select(['mine.actor', 'mine.clinic_id'])
    .union(
      db
        .selectFrom(systemAdmins(db).as('admin'))
        .innerJoin('public.clinics as c', (join) => join.onTrue())
        .select(['admin.actor', 'c.id as clinic_id']),
    )

/** People who are members of one clinic only, with their role there. */
const soleMembers = (db: Schemas) =>
  db
    .selectFrom(memberships(db).as('mine'))
    .groupBy('mine.actor')
    .having(({ fn }) => fn.countAll(), '=', '1')
    .select(({ ref, fn }) => [
      'mine.actor',
      sql<uuid>`min(${ref('mine.clinic_id')}::text)::uuid`.as('clinic_id'),
      fn.max('mine.role').as('role'),
    ])

/** For each clinic the most powerful of those who are members of it alone. */
export const soleMemberEach = (db: Schemas) =>
  db
    .selectFrom(soleMembers(db).as('sole'))
    .distinctOn('sole.clinic_id')
    .orderBy('sole.clinic_id')
    .orderBy('sole.role', 'desc')
    .orderBy('sole.actor')
    .select(['sole.actor', 'sole.clinic_id', 'sole.role'])

/** One of each role among those who are members of one clinic only. */
const oneOfEachRole = (db: Schemas) =>
  db
    .selectFrom(soleMembers(db).as('sole'))
    .distinctOn('sole.role')
    .orderBy('sole.role')
    .orderBy('sole.actor')
    .select(['sole.actor', 'sole.clinic_id', 'sole.role'])

/** Those of them whom a role is too high for; all of them where no role is high enough. */
export const tooWeak = (db: Schemas, role: PublicMemberRole | null) =>
  db
    .selectFrom(oneOfEachRole(db).as('weak'))
    .$if(role !== null, (weak) => weak.where('weak.role', '<', role))
    .select(['weak.actor', 'weak.clinic_id'])

/** For each clinic the member with the fewest others, one whose profile is not in use, and a stranger. */
export const representatives = (db: Schemas) => {
  const counted = db
    .selectFrom(memberships(db).as('mine'))
    .select(['mine.actor', 'mine.clinic_id', sql<int8>`count(*) over (partition by mine.actor)`.as('clinics')])
  const ofClinics = db
    .selectFrom(counted.as('counted'))
    .distinctOn('counted.clinic_id')
    .orderBy('counted.clinic_id')
    .orderBy('counted.clinics')
    .orderBy('counted.actor')
    .select('counted.actor')
  const disabled = db
    .selectFrom('public.profiles as u')
    .where('u.status', '<>', 'active')
    .orderBy('u.id')
    .limit(1)
    .select('u.id as actor')
  return db
    .selectFrom(ofClinics.as('member'))
    .select('member.actor')
    .union(db.selectFrom(disabled.as('disabled')).select('disabled.actor'))
    .union(stranger(db))
}

/** Every clinic with another one, each in turn. */
const neighbours = (db: Schemas) =>
  db
    .selectFrom('public.clinics as c')
    .select(({ ref }) => [
      'c.id',
      sql<uuid>`coalesce(lead(${ref('c.id')}) over (order by ${ref('c.id')}), (min(${ref('c.id')}::text) over ())::uuid)`.as(
        'other_id',
      ),
    ])

/** For each clinic its most powerful member, with his clinic. */
export const members = (db: Schemas) =>
  db.selectFrom(soleMemberEach(db).as('sole')).select(['sole.actor', 'sole.clinic_id'])

/** For each clinic its most powerful member, with another clinic than his own. */
export const intruders = (db: Schemas) =>
  db
    .selectFrom(soleMemberEach(db).as('sole'))
    .innerJoin(neighbours(db).as('n'), 'n.id', 'sole.clinic_id')
    .whereRef('n.other_id', '<>', 'n.id')
    .select(['sole.actor', 'n.other_id as clinic_id'])

/** A column of an actor as the uuid that it is. */
export const asUuid = (column: Expression<text | null>) => sql<uuid>`${column}::uuid`
