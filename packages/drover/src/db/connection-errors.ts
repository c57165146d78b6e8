import { DroverError } from '../error.ts'
import { describeServerError, serverErrorOf } from './server-error.ts'

/** The oldest server that drover supports, as `server_version_num`. */
const oldestServer = 140_000

/** @throws DroverError `server-unsupported` for a version, as `server_version_num`, that is older than the oldest one. */
export function requireVersion(version: number, label: string): void {
  if (version >= oldestServer) return
  throw new DroverError(
    'server-unsupported',
    `PostgreSQL ${Math.floor(version / 10_000)} is older than drover supports.`,
    {
      where: label,
      remedy: 'Use a server of version 14 or later.',
    },
  )
}

/** Of a connection that breaks before the commit: the server has rolled the transaction back. */
export function connectionLost(cause: unknown, label: string): DroverError {
  return new DroverError('connection-lost', 'The connection to the server broke; the transaction was rolled back.', {
    where: label,
    why: whyBroken(cause),
    remedy: 'Check that the server is running, then give the command again: nothing is done twice.',
    cause,
  })
}

/** Of a connection that breaks at the commit. */
export function commitUnknown(cause: unknown, label: string): DroverError {
  return new DroverError('commit-unknown', 'The connection to the server broke while a transaction was committed.', {
    where: label,
    why: whyBroken(cause),
    remedy: 'Give the command again: the ledger tells whether it was, and nothing is done twice.',
    cause,
  })
}

/** A connection that is closed says so itself; one that is cut is only silent. */
function whyBroken(cause: unknown): string | undefined {
  if (cause instanceof DroverError) return cause.why
  const isSilent = (cause as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT'
  return isSilent ? 'the server does not answer any more' : undefined
}

/** What helps where a server refuses whoever comes, by SQLSTATE. */
const refusalRemedies: Readonly<Record<string, string>> = {
  '53300': 'Wait until others have disconnected, or raise max_connections; then give the command again.',
  '57P03': 'Wait until the server has started, then give the command again.',
}

/** Why there is no connection: `database-refused` where a server answers, else `database-unreachable`. */
export function unreachable(thrown: unknown, label: string): DroverError {
  const server = serverErrorOf(thrown)
  if (server !== undefined) {
    return new DroverError('database-refused', 'The server refused the connection.', {
      where: label,
      why: describeServerError(server),
      remedy: refusalRemedies[server.sqlstate] ?? 'Check user, password and database name in the connection string.',
      cause: thrown,
    })
  }
  if (thrown instanceof Error && thrown.message.startsWith('SASL')) {
    return new DroverError(
      'database-refused',
      'The server asks for a password, and the connection string has none that it can use.',
      {
        where: label,
        remedy: 'Put the password into the connection string, or set PGPASSWORD.',
        cause: thrown,
      },
    )
  }
  return new DroverError('database-unreachable', 'No PostgreSQL server answers.', {
    where: label,
    why: thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code || thrown.message : String(thrown),
    remedy: 'Start the server, or correct host and port in --database-url or DATABASE_URL.',
    cause: thrown,
  })
}
