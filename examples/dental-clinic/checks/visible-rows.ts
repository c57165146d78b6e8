import { type Answer, asRole, type DeclaredCheck, type Expression, sql, type text, type uuid } from 'drover'
import { m } from '../migration/base.ts'
import { activePeople, everyone, openClinics, representatives } from './actors.ts'
import type { Schemas } from './question.ts'
import { type GuardedTable, guardedTables } from './tenant-tables.ts'

const signedIn = asRole<{ actor: uuid }>('authenticated', ({ actor }) => ({ sub: actor }))

/** Rows that are each actor's own. */
type Own = (db: Schemas) => Answer<{ actor: uuid; key: unknown }>

/** What names a row, in one text. */
const keyOf = (table: GuardedTable) =>
  sql<text>`concat_ws(' ', ${sql.join(table.key.map((column) => sql.ref(`t.${column}`)))})`

/**
 * Of the large tables one member of each clinic is asked for every row: whether a row is seen is decided by its clinic
 * alone, so that another member sees the same ones, and one of several clinics, or a system admin, the same of each. Of
 * which clinics each user sees rows is asked of all of them apart.
 */
const askedAbout = (table: GuardedTable) => (table.isLarge ? representatives : everyone)

/** The rows of a tenant table that a user has a right to see. */
function ownRows(table: GuardedTable): Own {
  const role = table.reads === 'administrators' ? 'clinic_admin' : 'viewer'
  const ofClinics = (db: Schemas) =>
    db
      .selectFrom(openClinics(db, role).as('open'))
      .innerJoin(askedAbout(table)(db).as('asked'), 'asked.actor', 'open.actor')
      .innerJoin(`${table.table} as t`, 't.clinic_id', 'open.clinic_id')
      .select(['open.actor', keyOf(table).as('key')])
  if (table.reads !== 'members and shared') return ofClinics
  return (db) =>
    ofClinics(db).unionAll(
      db
        .selectFrom(activePeople(db).as('someone'))
        .innerJoin(`${table.table} as t`, (join) => join.on('t.clinic_id', 'is', null))
        .select(['someone.actor', keyOf(table).as('key')]),
    )
}

const tenantTables = guardedTables.map((table) =>
  m.access(`Each user sees the rows of his clinics: ${table.name}`, {
    as: signedIn,
    actors: askedAbout(table),
    visible: (db) => db.selectFrom(`${table.table} as t`).select(keyOf(table).as('key')),
    expected: ownRows(table),
  }),
)

/** The clinics that occur in a table, each found by one look into an index that begins with it. */
const clinicsIn = ({ table }: GuardedTable) => {
  const next = (condition: Expression<unknown>) => sql`(
    select t.clinic_id
    from ${sql.table(table)} as t
    where ${condition}
    order by t.clinic_id
    limit 1
  )`
  return sql<{ clinic_id: uuid | null }>`(
    with recursive found as (
      select ${next(sql`true`)} as clinic_id
      union all
      select ${next(sql`t.clinic_id > found.clinic_id`)}
      from found
      where found.clinic_id is not null
    )
    select clinic_id from found where clinic_id is not null
  )`.as('present')
}

const clinicsOfLargeTables = guardedTables
  .filter(({ isLarge }) => isLarge)
  .map((table) =>
    m.access(`Each user sees rows of his clinics and of no other: ${table.name}`, {
      as: signedIn,
      actors: everyone,
      visible: (db) => db.selectFrom(clinicsIn(table)).select('present.clinic_id as key'),
      expected: (db) =>
        db
          .selectFrom(openClinics(db).as('open'))
          .innerJoin(clinicsIn(table), 'present.clinic_id', 'open.clinic_id')
          .select(['open.actor', 'open.clinic_id as key']),
    }),
  )

const clinics = m.access('Each user sees his clinics', {
  as: signedIn,
  actors: everyone,
  visible: (db) => db.selectFrom('public.clinics as c').select('c.id as key'),
  expected: (db) => db.selectFrom(openClinics(db).as('open')).select(['open.actor', 'open.clinic_id as key']),
})

const profiles = m.access('Each user sees himself and the members of his clinics', {
  as: signedIn,
  actors: everyone,
  visible: (db) => db.selectFrom('public.profiles as u').select('u.id as key'),
  expected: (db) =>
    db
      .selectFrom('public.profiles as u')
      .select(['u.id as actor', 'u.id as key'])
      .union(
        db
          .selectFrom(openClinics(db).as('open'))
          .innerJoin('public.user_clinic_roles as r', 'r.clinic_id', 'open.clinic_id')
          .where('r.is_active', '=', true)
          .select(['open.actor', 'r.user_id as key']),
      ),
})

/**
 * Dashboards that are open to each: his own, of no clinic or of one that is open to him, and those that his clinics
 * share.
 */
const openDashboards = (db: Schemas) =>
  db
    .selectFrom('public.dashboards as d')
    .innerJoin(activePeople(db).as('someone'), 'someone.actor', 'd.owner_id')
    .where('d.clinic_id', 'is', null)
    .select(['someone.actor', 'd.id as dashboard_id'])
    .union(
      db
        .selectFrom('public.dashboards as d')
        .innerJoin(openClinics(db).as('open'), 'open.clinic_id', 'd.clinic_id')
        .where(({ eb, or }) => or([eb('d.visibility', '=', 'clinic'), eb('d.owner_id', '=', eb.ref('open.actor'))]))
        .select(['open.actor', 'd.id as dashboard_id']),
    )

const dashboards = m.access('Each user sees his dashboards and those that his clinics share', {
  as: signedIn,
  actors: everyone,
  visible: (db) => db.selectFrom('public.dashboards as d').select('d.id as key'),
  expected: (db) => db.selectFrom(openDashboards(db).as('open')).select(['open.actor', 'open.dashboard_id as key']),
})

const widgets = m.access('Each user sees the widgets of the dashboards that he sees', {
  as: signedIn,
  actors: everyone,
  visible: (db) => db.selectFrom('public.widgets as w').select('w.id as key'),
  expected: (db) =>
    db
      .selectFrom(openDashboards(db).as('open'))
      .innerJoin('public.widgets as w', 'w.dashboard_id', 'open.dashboard_id')
      .select(['open.actor', 'w.id as key']),
})

export const visibleRows: readonly DeclaredCheck[] = [
  clinics,
  profiles,
  ...tenantTables,
  ...clinicsOfLargeTables,
  dashboards,
  widgets,
]
