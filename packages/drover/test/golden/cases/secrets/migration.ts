import { correctedWhen, defineMigration, type int8, isoDate, required, sql, type text, trim } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region secrets
const users = m.map('users', {
  from: (db) => db.selectFrom('legacy.users as u'),
  key: ({ u }) => u.id,
  to: 'app.users',
  secret: ['password_hash', 'api_key'],
  columns: ({ u }) => {
    const hash = required(u.password_hash).orQuarantine('no-password')
    return {
      id: u.id,
      name: required(u.name).orQuarantine('no-name'),
      password_hash: correctedWhen(trim(hash), 'trimmed', sql`${hash} <> ${trim(hash)}`, hash),
      key_length: sql<number | null>`length(${u.api_key})`,
      created: isoDate(u.created).orQuarantine(),
    }
  },
})
// #endregion

// The stored query leaves the secret behind before anything of it is stored.
const devices = m.map('devices', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom('legacy.devices as d')
        .select(({ fn }) => ['d.owner', fn.count<int8>('d.pin').as('pins')])
        .groupBy('d.owner')
        .as('d'),
    ),
  key: ({ d }) => sql<text>`coalesce(${d.owner}, '')`,
  to: 'app.devices',
  targetKey: 'owner',
  columns: ({ d }) => ({ owner: required(d.owner).orQuarantine('no-owner'), pins: d.pins }),
})

export default m.migration([users, devices])
