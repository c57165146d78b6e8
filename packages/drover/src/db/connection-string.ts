import { DroverError } from '../error.ts'

/**
 * The connection string, if a server can be found by it. `where`: what it comes from, e.g. `--database-url`.
 *
 * @throws DroverError `usage-invalid`, which holds nothing of the string: it may be the password that is written wrongly.
 */
export function requireConnectionString(url: string, where?: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !['postgresql:', 'postgres:'].includes(parsed.protocol)) {
    throw new DroverError('usage-invalid', 'The connection string is not one of PostgreSQL.', {
      where,
      remedy:
        'Write it as postgresql://user:password@host:5432/database, with / ? # @ : in a password as %2F %3F %23 %40 %3A.',
    })
  }
  // An unescaped / ends the host: what follows would be taken for the database's name, and shown in messages.
  if (parsed.pathname.includes('@')) {
    throw new DroverError('usage-invalid', 'The password in the connection string is not escaped.', {
      where,
      remedy: 'Write / ? # @ : in it as %2F %3F %23 %40 %3A.',
    })
  }
  return url
}

/** Where a connection string leads, without user or password. */
export function labelOf(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname || 'local socket'}:${port || '5432'}${pathname}`
}
