import { defineMigration, newest, oldest, prefer } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const users = m.map('users', {
  from: (db) => db.selectFrom('legacy.users as u'),
  key: ({ u }) => u.id,
  identity: ({ u }) => [u.email],
  // #region survivor-rules
  survivor: ({ u }) => [prefer(u.verified), newest(u.last_login), oldest(u.created_at)],
  // #endregion
  to: 'app.users',
  columns: ({ u }) => ({ id: u.id, email: u.email }),
})

export default m.migration([users])
