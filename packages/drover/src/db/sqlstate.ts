/**
 * SQLSTATEs that messages name in words, from PostgreSQL's Appendix A. The server's own message is never shown for
 * errors in data: it quotes values (I8).
 */
const conditions: Readonly<Record<string, string>> = {
  '08000': 'connection exception',
  '08003': 'connection does not exist',
  '08006': 'connection failure',
  '22001': 'text too long for its column',
  '22003': 'number out of range',
  '22007': 'invalid date or time',
  '22008': 'date or time out of range',
  '22012': 'division by zero',
  '22P02': 'text that the type cannot read',
  '22P05': 'character that the encoding does not have',
  '23502': 'null in a column that may not be null',
  '23503': 'foreign key without its row',
  '23505': 'duplicate of a unique key',
  '23514': 'check constraint violated',
  '23P01': 'exclusion constraint violated',
  '25006': 'the transaction is read-only',
  '25P03': 'the transaction stood still for too long',
  '25P04': 'the transaction took longer than its timeout',
  '28000': 'the role may not log in',
  '28P01': 'wrong password',
  '3D000': 'the database does not exist',
  '3F000': 'the schema does not exist',
  '40001': 'serialization failure',
  '40P01': 'deadlock',
  '42501': 'insufficient privilege',
  '42P01': 'the table does not exist',
  '42703': 'the column does not exist',
  '42883': 'the function does not exist',
  '53100': 'disk full',
  '53200': 'out of memory',
  '53300': 'too many connections',
  '55P03': 'lock not available in time',
  '57014': 'the statement took longer than its timeout, or was cancelled',
  '57P01': 'the connection was ended by an administrator',
  '57P03': 'the server is starting or stopping',
}

/** An SQLSTATE with what it means. */
export function describeSqlstate(sqlstate: string): string {
  const condition = conditions[sqlstate]
  return condition === undefined ? `SQLSTATE ${sqlstate}` : `SQLSTATE ${sqlstate}, ${condition}`
}

/**
 * What a run does about an error of the server. `retry`: begin the transaction again after a pause · `reconnect`: the
 * same, for as long as a server may be away · `halve`: try again with half the rows · `set aside`: look for the rows that
 * cause it and quarantine them · `stop`: fail.
 */
export type Reaction = 'retry' | 'reconnect' | 'halve' | 'set aside' | 'stop'

/** By SQLSTATE or by its class; the longest that fits decides. What is not here stops the run. */
const reactions: Readonly<Record<string, Reaction>> = {
  // Connection exceptions. A pooler reports 08P01 when it loses its server.
  '08': 'reconnect',
  // Ended by an administrator, by a crash of another session, while starting; idle for too long; the database dropped.
  '57P01': 'reconnect',
  '57P02': 'reconnect',
  '57P03': 'reconnect',
  '57P05': 'reconnect',
  // After a failover the address may still lead to the standby.
  '25006': 'reconnect',
  // Too many connections: they come and go.
  '53300': 'reconnect',
  // A statement whose completion is unknown.
  '40003': 'reconnect',
  // Serialization failure, deadlock: the other transaction went first.
  '40001': 'retry',
  '40P01': 'retry',
  // A lock was not to be had in time.
  '55P03': 'retry',
  // Disk full, a limit of the configuration: someone may make room.
  '53': 'retry',
  // Out of memory: fewer rows need less.
  '53200': 'halve',
  // The statement timeout, or a cancel by an administrator.
  '57014': 'halve',
  // A function of the migration file took longer than a transaction may stand still.
  '25P03': 'halve',
  // The transaction timeout of PostgreSQL 17.
  '25P04': 'halve',
  // Data exceptions: a value does not fit its type, a division by zero, …
  '22': 'set aside',
  // Integrity: not null, foreign key, unique, check, exclusion.
  '23': 'set aside',
  // A view's check option.
  '44': 'set aside',
  // A subquery that is used as a value gave several rows.
  '21': 'set aside',
  // A value that is too long for an index, or nested too deeply.
  '54': 'set aside',
  // A trigger of the target refuses the row.
  P0001: 'set aside',
}

/** What a run does about an SQLSTATE. */
export function reactionTo(sqlstate: string): Reaction {
  return reactions[sqlstate] ?? reactions[sqlstate.slice(0, 2)] ?? 'stop'
}

/** Errors that also arise while a text of a row is read, as a query for a search or as a name, and then quote it. */
const quotesWhatIsRead: ReadonlySet<string> = new Set(['42601', '42602', '42P01', '42883'])

/**
 * Errors whose message names objects of the schema and no values of rows. `isOfStatement`: the server says where in the
 * statement it is, which it cannot of a row.
 */
export function messageHoldsNoValues(sqlstate: string, isOfStatement: boolean): boolean {
  if (quotesWhatIsRead.has(sqlstate)) return isOfStatement
  return /^(08|28|3D|3F|42|53|55|57)/.test(sqlstate)
}
