import { defineMigration, oneOf, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const users = m.map('users', {
  from: (db) => db.selectFrom('legacy.users as u'),
  key: ({ u }) => u.id,
  to: 'app.users',
  columns: ({ u }) => ({
    id: u.id,
    // #region enumeration
    role: oneOf(required(u.role).orQuarantine('no-role'), ['viewer', 'staff', 'shop_admin'], {
      aliases: { admin: 'shop_admin', office_manager: 'shop_admin' },
    }).orElse('viewer', 'unknown-role'),
    state: oneOf(u.state, ['active', 'locked'], { aliases: { inactive: 'locked' } }).orNull(),
    // #endregion
  }),
})

export default m.migration([users])
