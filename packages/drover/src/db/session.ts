import type { TransactionOptions } from './connection.ts'

/**
 * Settings that decide how the server reads and prints values, and where it looks for names. They are set in every
 * transaction, not once a session: behind a transaction pooler the session is someone else's.
 */
const pinned: Readonly<Record<string, string>> = {
  // A role or database may have another default; what waits for a lock must see what was done meanwhile.
  transaction_isolation: 'read committed',
  search_path: 'pg_catalog, pg_temp',
  row_security: 'off',
  timezone: 'UTC',
  datestyle: 'ISO, YMD',
  intervalstyle: 'iso_8601',
  extra_float_digits: '1',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  // Every look-up of a chunk is by a unique key: a cache of answers costs more than it saves.
  enable_memoize: 'off',
  jit: 'off',
}

/** The statements that open a transaction, as one simple query: one round trip. */
export function openTransaction(options: TransactionOptions = {}): string {
  const { name, readOnly = false, settings = {} } = options
  const { statementTimeoutMs = 600_000, lockTimeoutMs = 30_000, idleTimeoutMs = 60_000 } = options
  const all = {
    ...pinned,
    statement_timeout: `${statementTimeoutMs}ms`,
    lock_timeout: `${lockTimeoutMs}ms`,
    // A worker that is gone holds its chunk for no longer than this, where nothing else tells the server.
    idle_in_transaction_session_timeout: `${idleTimeoutMs}ms`,
    ...settings,
  }
  const set = Object.entries(all).map(([setting, value]) => `set local ${setting} = ${quoted(setting, value)};`)
  return `${name === undefined ? '' : `/* drover ${name} */ `}begin${readOnly ? ' read only' : ''}; ${set.join(' ')}`
}

/** A list setting is a list of names, anything else one text. */
function quoted(name: string, value: string): string {
  const parts = name === 'search_path' ? value.split(', ') : [value]
  return parts.map((part) => `'${part.replaceAll("'", "''")}'`).join(', ')
}
