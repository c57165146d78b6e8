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

/** Failures that pass by themselves: conflict, deadlock, lock wait, lost connection, shortage of resources. */
export function isTransient(sqlstate: string): boolean {
  return /^(08|53)/.test(sqlstate) || ['40001', '40P01', '55P03', '57P01', '57P02', '57P03'].includes(sqlstate)
}

/** Errors whose message names objects of the schema and no values of rows. */
export function messageHoldsNoValues(sqlstate: string): boolean {
  return /^(08|28|3D|3F|42|53|55|57)/.test(sqlstate)
}
