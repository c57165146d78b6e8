import { asRole, type DeclaredCheck, sql, type text, type uuid } from 'drover'
import { m } from '../migration/base.ts'
import { everyone } from './actors.ts'
import { allTables, closedTables, guardedTables, nameOf } from './tenant-tables.ts'

const one = sql<number>`1`.as('key')

/** Tables that a user may ask, whatever he sees there. */
const openTables = [
  'public.clinics',
  'public.profiles',
  'public.dashboards',
  'public.widgets',
  ...guardedTables.map(({ table }) => table),
] as const

const signedOut = m.access('Who has not signed in sees nothing, in any table', {
  as: asRole('authenticated'),
  visible: (db) => {
    const rowsOf = (table: (typeof openTables)[number]) =>
      db
        .selectFrom(`${table as 'public.clinics'} as t`)
        .select(sql<text>`concat_ws(' ', ${sql.lit(nameOf(table))}::text, to_jsonb(t) ->> 'id')`.as('key'))
    const [first, ...others] = openTables
    return others.reduce((all, table) => all.unionAll(rowsOf(table)), rowsOf(first))
  },
  expected: 'nothing',
})

const refusedToAll = allTables.map((table) =>
  m.access(`Who has not signed in is refused: ${table}`, {
    as: asRole('anon'),
    visible: (db) => db.selectFrom(`${table as 'public.clinics'} as t`).select(one),
    expected: 'refused',
  }),
)

const refusedToUsers = closedTables.map((table) =>
  m.access(`Users are refused: ${table}`, {
    as: asRole<{ actor: uuid }>('authenticated', ({ actor }) => ({ sub: actor })),
    actors: everyone,
    visible: (db) => db.selectFrom(`${table as 'auth.users'} as t`).select(one),
    expected: 'refused',
  }),
)

/** What nobody may touch who has not signed in, and what no user may. */
export const closed: readonly DeclaredCheck[] = [signedOut, ...refusedToAll, ...refusedToUsers]
