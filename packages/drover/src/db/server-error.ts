import { DroverError, type ErrorCode } from '../error.ts'
import { describeSqlstate, messageHoldsNoValues } from './sqlstate.ts'

/** What drover keeps of a server's error: never its message for errors in data, never its detail (I8). */
export interface ServerError {
  readonly sqlstate: string
  readonly constraint: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  readonly message: string | undefined
}

/** The server's error inside anything that was thrown, or undefined. */
export function serverErrorOf(thrown: unknown): ServerError | undefined {
  if (thrown instanceof DroverError) return serverErrorOf(thrown.cause)
  if (typeof thrown !== 'object' || thrown === null) return undefined
  const { code, constraint, schema, table, column, message, position } = thrown as Record<string, string | undefined>
  // The system's own codes can look alike: EPIPE.
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || 'syscall' in thrown) return undefined
  return {
    sqlstate: code,
    constraint,
    table: table === undefined ? undefined : `${schema}.${table}`,
    column,
    message: messageHoldsNoValues(code, position !== undefined) ? message : undefined,
  }
}

/** SQLSTATEs of which the server's message says no more than their meaning, and where it happened. */
const saidInWords: ReadonlySet<string> = new Set(['28P01', '3D000', '53300', '57P01'])

/** One line that tells why a statement failed, without a value of any row. */
export function describeServerError(error: ServerError): string {
  return [
    describeSqlstate(error.sqlstate),
    ...(error.table === undefined ? [] : [`table ${error.table}`]),
    ...(error.column === undefined ? [] : [`column ${error.column}`]),
    ...(error.constraint === undefined ? [] : [`constraint ${error.constraint}`]),
    ...(error.message === undefined || saidInWords.has(error.sqlstate) ? [] : [error.message]),
  ].join(', ')
}

/** The thrown thing as drover's error; one of drover's own passes unchanged. */
export function asDroverError(thrown: unknown, code: ErrorCode, what: string, where?: string): DroverError {
  if (thrown instanceof DroverError) return thrown
  const server = serverErrorOf(thrown)
  if (server === undefined) {
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    return new DroverError(code, what, { where, why, cause: thrown })
  }
  const refused = server.sqlstate === '42501'
  return new DroverError(refused ? 'privilege-missing' : code, what, {
    where,
    why: describeServerError(server),
    remedy: refused ? 'Grant the role what the message names, or connect as the owner of the tables.' : undefined,
    cause: thrown,
  })
}

/**
 * The thrown thing as an error that users can act on, or undefined where it is a mistake of the program. A migration
 * file may bring a second copy of the library: its errors are known by their name, not by their class.
 */
export function expected(thrown: unknown): DroverError | undefined {
  if (thrown instanceof Error && thrown.name === 'DroverError') return thrown as DroverError
  if (serverErrorOf(thrown) !== undefined) {
    return asDroverError(thrown, 'statement-failed', 'The server refused a statement of drover.')
  }
  if (!isLostConnection(thrown)) return undefined
  return new DroverError('database-unreachable', 'The connection to the server was lost.', {
    remedy: 'Check that the server is running, then give the command again: nothing is done twice.',
    cause: thrown,
  })
}

/** The driver gives no code for a connection that ends in the middle of a statement. */
function isLostConnection(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  const { code } = thrown as NodeJS.ErrnoException
  return /^(ECONN|EPIPE|ETIMEDOUT)/.test(code ?? '') || thrown.message.startsWith('Connection terminated')
}
