import { DroverError } from '../error.ts'

/**
 * The connection string, if a server can be found by it. `where`: what it comes from, e.g. `--database-url`.
 *
 * @throws DroverError `usage-invalid`, which holds nothing of the string: it may be the password that is written wrongly.
 */
export function requireConnectionString(url: string, where?: string): string {
  if (!URL.canParse(url) || !/^postgres(ql)?:/.test(url)) {
    throw new DroverError('usage-invalid', 'The connection string is not one of PostgreSQL.', {
      where,
      remedy:
        'Write it as postgresql://user:password@host:5432/database, with / ? # @ : in a password as %2F %3F %23 %40 %3A.',
    })
  }
  if (!isWhole(url)) {
    throw new DroverError('usage-invalid', 'The password in the connection string is not escaped.', {
      where,
      remedy: 'Write / ? # @ : in it as %2F %3F %23 %40 %3A.',
    })
  }
  return url
}

/**
 * Whether a connection string says what it means. An unescaped / ? or # in a password ends the host: what stands before it
 * would be taken for host and port, what follows for the database's name, and both are shown in messages.
 */
export function isWhole(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, username, pathname, search, hash } = new URL(url)
  const isCut = pathname.includes('@') || hash !== '' || (username === '' && search.includes('@'))
  return /^postgres(ql)?:$/.test(protocol) && !isCut
}

/** Where a connection string leads, without user or password. */
export function labelOf(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname || 'local socket'}:${port || '5432'}${pathname}`
}
