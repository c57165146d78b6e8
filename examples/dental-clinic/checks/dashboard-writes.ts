import { asRole, type DeclaredCheck, sql, type uuid } from 'drover'
import { m } from '../migration/base.ts'
import { asUuid, intruders, soleMemberEach, stranger } from './actors.ts'
import type { Schemas } from './question.ts'

/** Who tries to write, and a dashboard that is not his. */
interface Writer {
  readonly actor: uuid
  readonly dashboard_id: uuid
  readonly owner_id: uuid
}

const as = asRole<Writer>('authenticated', ({ actor }) => ({ sub: actor }))

const asStranger = asRole<{ actor: uuid }>('authenticated', ({ actor }) => ({ sub: actor }))

/** For each clinic one member, with a dashboard of somebody else that he sees, and one that he does not. */
const notHis = (db: Schemas) =>
  db
    .selectFrom(soleMemberEach(db).as('sole'))
    .innerJoin('public.dashboards as d', (join) => join.onRef('d.owner_id', '<>', 'sole.actor'))
    .distinctOn(['sole.actor', ({ ref }) => isOfHisClinic(ref('d.clinic_id'), ref('sole.clinic_id'))])
    .orderBy('sole.actor')
    .orderBy(({ ref }) => isOfHisClinic(ref('d.clinic_id'), ref('sole.clinic_id')))
    .orderBy('d.id')
    .select(['sole.actor', 'd.id as dashboard_id', 'd.owner_id'])

const isOfHisClinic = (clinic: unknown, his: unknown) => sql<boolean>`coalesce(${clinic} = ${his}, false)`

/** Dashboards and their widgets are written by their owner alone. */
export const dashboardWrites: readonly DeclaredCheck[] = [
  m.attempt('Nobody adds a dashboard to another clinic', {
    as: asRole<{ actor: uuid; clinic_id: uuid }>('authenticated', ({ actor }) => ({ sub: actor })),
    actors: intruders,
    write: (db, actor) =>
      db
        .insertInto('public.dashboards')
        .values({ owner_id: asUuid(actor.actor), clinic_id: asUuid(actor.clinic_id) } as never),
    outcome: 'refused',
  }),
  m.attempt('Nobody adds a dashboard for somebody else', {
    as,
    actors: notHis,
    write: (db, actor) => db.insertInto('public.dashboards').values({ owner_id: asUuid(actor.owner_id) } as never),
    outcome: 'refused',
  }),
  m.attempt('Nobody changes the dashboard of somebody else', {
    as,
    actors: notHis,
    write: (db, actor) =>
      db.updateTable('public.dashboards').set('name', 'mine').where('owner_id', '<>', asUuid(actor.actor)),
    outcome: 'no row',
  }),
  m.attempt('Nobody deletes the dashboard of somebody else', {
    as,
    actors: notHis,
    write: (db, actor) => db.deleteFrom('public.dashboards').where('owner_id', '<>', asUuid(actor.actor)),
    outcome: 'no row',
  }),
  m.attempt('Nobody adds a widget to the dashboard of somebody else', {
    as,
    actors: notHis,
    write: (db, actor) => db.insertInto('public.widgets').values({ dashboard_id: asUuid(actor.dashboard_id) } as never),
    outcome: 'refused',
  }),
  m.attempt('Nobody changes a widget on the dashboard of somebody else', {
    as,
    actors: notHis,
    write: (db, actor) =>
      db.updateTable('public.widgets').set('width', 1).where('dashboard_id', '=', asUuid(actor.dashboard_id)),
    outcome: 'no row',
  }),
  m.attempt('Nobody deletes a widget from the dashboard of somebody else', {
    as,
    actors: notHis,
    write: (db, actor) => db.deleteFrom('public.widgets').where('dashboard_id', '=', asUuid(actor.dashboard_id)),
    outcome: 'no row',
  }),
  m.attempt('A stranger changes no dashboard', {
    as: asStranger,
    actors: stranger,
    write: (db) => db.updateTable('public.dashboards').set('name', 'mine'),
    outcome: 'no row',
  }),
  m.attempt('A stranger deletes no dashboard', {
    as: asStranger,
    actors: stranger,
    write: (db) => db.deleteFrom('public.dashboards'),
    outcome: 'no row',
  }),
  m.attempt('A stranger changes no widget', {
    as: asStranger,
    actors: stranger,
    write: (db) => db.updateTable('public.widgets').set('width', 1),
    outcome: 'no row',
  }),
  m.attempt('A stranger deletes no widget', {
    as: asStranger,
    actors: stranger,
    write: (db) => db.deleteFrom('public.widgets'),
    outcome: 'no row',
  }),
]
