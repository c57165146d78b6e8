import { expected } from '../db/server-error.ts'
import { DroverError, type ErrorCode } from '../error.ts'

/** What is answered where something was not done. */
export interface Failure {
  /** The status of HTTP. */
  readonly status: 400 | 404 | 409 | 500 | 503
  readonly error: DroverError
}

/** Codes of what is not there, of what the state of the run does not allow, and of a database that does not answer. */
const statuses: Readonly<Partial<Record<ErrorCode, Failure['status']>>> = {
  'run-missing': 404,
  'row-missing': 404,
  'merge-missing': 404,
  'ledger-missing': 404,
  'usage-invalid': 400,
  'key-ambiguous': 400,
  'selection-empty': 400,
  'fix-refused': 400,
  'function-missing': 409,
  'state-refused': 409,
  'run-purged': 409,
  'repair-refused': 409,
  'plan-mismatch': 409,
  'version-differs': 409,
  'ledger-newer': 409,
  'database-unreachable': 503,
  'database-refused': 503,
  'connection-lost': 503,
  'commit-unknown': 503,
}

/** The status and the words for anything thrown; undefined where it is a mistake of the program. */
export function failureOf(thrown: unknown): Failure | undefined {
  const error = expected(thrown)
  return error === undefined ? undefined : { status: statuses[error.code] ?? 500, error }
}

/** What people are told of a mistake of the program: its message may quote a value (I8), and so it is left out. */
export function describeBug(): DroverError {
  return new DroverError('statement-failed', 'This is a bug of drover; nothing more is known here.', {
    remedy: 'Please report it, with what drover serve has printed and what drover --version says.',
  })
}
