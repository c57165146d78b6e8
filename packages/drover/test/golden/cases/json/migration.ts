import { asObject, defineMigration, integer, jsonArray, type jsonb, jsonObject, parseJson, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const users = m.map('users', {
  from: (db) => db.selectFrom('legacy.users as u'),
  key: ({ u }) => u.id,
  to: 'app.users',
  columns: ({ u }) => ({
    id: u.id,
    // #region json
    settings: jsonObject({
      theme: u.theme,
      rowsPerPage: integer(u.rows_per_page).orNull('no-number'),
      since: u.since,
      tags: jsonArray([u.tag_1, u.tag_2]),
    }),
    filter: parseJson(u.filter).orElse(sql<jsonb>`to_jsonb((${u.filter})::text)`, 'wrapped'),
    state: parseJson(u.state).orNull(), // json can hold what jsonb cannot
    layout: asObject(u.layout, { key: 'widgets' }),
    // #endregion
  }),
})

export default m.migration([users])
