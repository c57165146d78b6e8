import { type Answer, asRole, type DeclaredCheck, type Expression, sql, type text, type uuid } from 'drover'
import { m } from '../migration/base.ts'
import { soleMemberEach } from './actors.ts'
import type { Schemas } from './question.ts'
import { type GuardedTable, guardedTables } from './tenant-tables.ts'

/**
 * For each clinic one user who is a member of it alone: what he sees is compared with what his clinic has, so that every
 * clinic is tried against every other one.
 */
const asMember = {
  as: asRole<{ actor: uuid }>('authenticated', ({ actor }) => ({ sub: actor })),
  actors: soleMemberEach,
}

type Keys = Answer<{ key: text }>

/** The answers of several questions as one. */
function together<T extends Answer<unknown>>([first, ...others]: readonly T[]): T {
  return others.reduce((all, other) => all.unionAll(other as never) as T, first!)
}

const labelled = (label: string, ...parts: readonly Expression<unknown>[]) =>
  sql<text>`concat_ws(' ', ${sql.lit(label)}::text, ${sql.join(parts)})`.as('key')

/**
 * Whether a row is for the member: of his clinic, or where the table has such of none; some are for administrators
 * alone.
 */
const isHis = (
  table: GuardedTable,
  member: { readonly clinic: Expression<unknown>; readonly role: Expression<unknown> },
) => {
  const isOfClinic = sql<boolean>`t.clinic_id = ${member.clinic}`
  if (table.reads === 'administrators') return sql<boolean>`(${isOfClinic} and ${member.role} = 'clinic_admin')`
  return table.reads === 'members' ? isOfClinic : sql<boolean>`(${isOfClinic} or t.clinic_id is null)`
}

/** Clinics by the table in which they occur, shared rows left out. */
const clinicsByTable = (db: Schemas) =>
  guardedTables.map((table) => ({
    table,
    present: db.selectFrom(`${table.table} as t`).where('t.clinic_id', 'is not', null).distinct().select('t.clinic_id'),
  }))

const selects = m.access('A member of one clinic sees rows of no other, in any table', {
  ...asMember,
  visible: (db): Keys =>
    together(
      clinicsByTable(db).map(({ table, present }) =>
        db.selectFrom(present.as('p')).select(({ ref }) => labelled(table.name, ref('p.clinic_id'))),
      ),
    ),
  expected: (db): Answer<{ actor: uuid; key: text }> =>
    together(
      clinicsByTable(db).map(({ table, present }) =>
        db
          .selectFrom(soleMemberEach(db).as('sole'))
          .innerJoin(present.as('p'), 'p.clinic_id', 'sole.clinic_id')
          .$if(table.reads === 'administrators', (own) => own.where('sole.role', '=', 'clinic_admin'))
          .select(({ ref }) => ['sole.actor', labelled(table.name, ref('p.clinic_id'))]),
      ),
    ),
})

const counts = m.access('A member of one clinic counts rows of no other, in any table', {
  ...asMember,
  visible: (db): Keys =>
    together(
      guardedTables.map((table) =>
        db.selectFrom(`${table.table} as t`).select(({ fn }) => labelled(table.name, fn.countAll())),
      ),
    ),
  expected: (db): Answer<{ actor: uuid; key: text }> =>
    together(
      guardedTables.map((table) =>
        db.selectFrom(soleMemberEach(db).as('sole')).select(({ ref, selectFrom }) => [
          'sole.actor',
          labelled(
            table.name,
            selectFrom(`${table.table} as t`)
              .where(isHis(table, { clinic: ref('sole.clinic_id'), role: ref('sole.role') }))
              .select(({ fn }) => fn.countAll().as('n')),
          ),
        ]),
      ),
    ),
})

/** Questions of the application that join tables, each with the clinics of both ends; none asks for a clinic. */
const joins: Readonly<Record<string, (db: Schemas) => Answer<{ left_id: uuid | null; right_id: uuid | null }>>> = {
  'values, definitions, providers': (db) =>
    db
      .selectFrom('public.metric_values as v')
      .innerJoin('public.metric_definitions as d', 'd.id', 'v.metric_definition_id')
      .innerJoin('public.providers as p', 'p.id', 'v.provider_id')
      .select(['v.clinic_id as left_id', 'p.clinic_id as right_id']),
  'goals, values': (db) =>
    db
      .selectFrom('public.goals as g')
      .innerJoin('public.metric_values as v', (join) =>
        join
          .onRef('v.metric_definition_id', '=', 'g.metric_definition_id')
          .onRef('v.metric_date', '>=', 'g.starts_on')
          .onRef('v.metric_date', '<=', 'g.ends_on'),
      )
      .select(['g.clinic_id as left_id', 'v.clinic_id as right_id']),
  'widgets, dashboards, owners': (db) =>
    db
      .selectFrom('public.widgets as w')
      .innerJoin('public.dashboards as d', 'd.id', 'w.dashboard_id')
      .innerJoin('public.user_clinic_roles as r', 'r.user_id', 'd.owner_id')
      .select(['d.clinic_id as left_id', 'r.clinic_id as right_id']),
  'column mappings, sheets, connections': (db) =>
    db
      .selectFrom('public.column_mappings as m')
      .innerJoin('public.connection_sheets as s', 's.id', 'm.sheet_id')
      .innerJoin('public.spreadsheet_connections as c', 'c.id', 's.connection_id')
      .select(['m.clinic_id as left_id', 'c.clinic_id as right_id']),
  'clinics, definitions, aggregations': (db) =>
    db
      .selectFrom('public.metric_definitions as d')
      .innerJoin('public.metric_aggregations as a', 'a.metric_definition_id', 'd.id')
      .leftJoin('public.clinics as c', 'c.id', 'a.clinic_id')
      .where('a.granularity', '=', 'yearly')
      .select(['a.clinic_id as left_id', 'c.id as right_id']),
}

const joined = m.access('A member of one clinic meets rows of no other in joins', {
  ...asMember,
  visible: (db): Keys =>
    together(
      Object.entries(joins).map(([label, join]) =>
        db
          .selectFrom(join(db).as('j'))
          .distinct()
          .select(({ ref }) => labelled(label, ref('j.left_id'), ref('j.right_id'))),
      ),
    ),
  expected: (db): Answer<{ actor: uuid; key: text }> =>
    together(
      Object.entries(joins).map(([label, join]) =>
        db
          .selectFrom(soleMemberEach(db).as('sole'))
          .innerJoin(join(db).as('j'), (on) =>
            on.onRef('j.left_id', '=', 'sole.clinic_id').onRef('j.right_id', '=', 'sole.clinic_id'),
          )
          .distinct()
          .select(({ ref }) => ['sole.actor', labelled(label, ref('j.left_id'), ref('j.right_id'))]),
      ),
    ),
})

/** No fault of the data: it tells for which clinics the checks above had nobody to ask. */
const covered = m.assertNone(
  'Each clinic has a member of it alone, who can be asked about the others',
  (db) =>
    db
      .selectFrom('public.clinics as c')
      .leftJoin(soleMemberEach(db).as('sole'), 'sole.clinic_id', 'c.id')
      .where('sole.actor', 'is', null)
      .select('c.id'),
  { allow: { percent: 100 }, of: (db) => db.selectFrom('public.clinics as c').select('c.id') },
)

/** Every clinic's rows stay among its own members. */
export const isolation: readonly DeclaredCheck[] = [covered, selects, counts, joined]
