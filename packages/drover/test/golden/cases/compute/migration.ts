import { defineMigration, fold, newest, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

/** Stands for a cipher whose key the database does not know. */
const seal = (token: string) => Uint8Array.from(new TextEncoder().encode(token), (byte) => byte ^ 0x5a)

// #region compute
const accounts = m.map('accounts', {
  from: (db) => db.selectFrom('legacy.accounts as a'),
  key: ({ a }) => a.id,
  identity: ({ a }) => [fold(a.owner)],
  survivor: ({ a }) => newest(a.seen),
  to: 'app.accounts',
  secret: ['token'],
  compute: {
    reads: ({ a }) => ({ token: a.token }),
    writes: { sealed: 'bytea', hint: 'text' },
    refusals: ['no-token', 'short-token'],
    batch: (rows) =>
      rows.map(({ token }) => {
        if (token === null) return { refused: 'no-token' }
        if (token === 'short') return { refused: 'short-token' }
        return { sealed: seal(token), hint: `…${token.slice(-2)}` }
      }),
  },
  columns: ({ a }, computed) => ({
    id: a.id,
    owner: required(fold(a.owner)).orQuarantine('no-owner'),
    token_sealed: required(computed.sealed).orQuarantine(),
    token_hint: required(computed.hint).orQuarantine(),
  }),
})
// #endregion

export default m.migration([accounts])
