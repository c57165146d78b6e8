/**
 * Every error that drover raises, by code. A code names the kind of failure; the sentence, the place and the remedy
 * travel with the error itself. `exit` is the exit code of the command line: 1 the work failed, 2 the call was wrong, 130 it was interrupted.
 */
export const errorCodes = {
  'definition-invalid': { exit: 2, meaning: 'The migration is defined in a way that cannot be carried out.' },
  'migration-file-unreadable': { exit: 2, meaning: 'The migration file could not be loaded.' },
  'usage-invalid': { exit: 2, meaning: 'A flag or argument of the command line is wrong.' },
  'database-unreachable': { exit: 1, meaning: 'No PostgreSQL server answers at the given address.' },
  'database-refused': { exit: 1, meaning: 'The server refused the user, the password or the database.' },
  'connection-lost': { exit: 1, meaning: 'The connection broke during a transaction, which was rolled back.' },
  'commit-unknown': {
    exit: 1,
    meaning: 'The connection broke during a commit: the ledger tells whether it took place.',
  },
  'server-unsupported': { exit: 1, meaning: 'The server is older than the versions that drover supports.' },
  'privilege-missing': { exit: 1, meaning: 'The role that drover connects as may not do what the plan needs.' },
  'object-missing': { exit: 2, meaning: 'A schema, table or column that the migration names does not exist.' },
  'ledger-newer': { exit: 1, meaning: 'The ledger was written by a newer drover.' },
  'version-differs': { exit: 1, meaning: 'Another version of drover works on the run, or has made its plan.' },
  'ledger-missing': { exit: 2, meaning: 'The database has no ledger: no run was ever started here.' },
  'plan-stale': { exit: 1, meaning: 'The schema changed since the plan was made.' },
  'plan-mismatch': { exit: 1, meaning: 'A live run of this migration follows another plan.' },
  'mapping-taken': { exit: 2, meaning: 'A run of another migration in this database has a mapping of that name.' },
  'hazard-not-allowed': { exit: 2, meaning: 'The plan holds a hazard that was not allowed by name.' },
  'row-missing': { exit: 2, meaning: 'The run has no such row.' },
  'key-ambiguous': { exit: 2, meaning: 'Rows of several mappings have the source key that was named.' },
  'selection-empty': { exit: 2, meaning: 'What was named means no row, or none with which this can be done.' },
  'run-missing': { exit: 2, meaning: 'There is no such run in the ledger.' },
  'state-refused': { exit: 1, meaning: 'The run is in a state that does not allow this.' },
  'repair-refused': {
    exit: 1,
    meaning: 'A repair would break a rule of the database or of the ledger; nothing was changed.',
  },
  'fix-refused': {
    exit: 2,
    meaning: 'A fix names a row or column that cannot be fixed, or a value that its type does not take.',
  },
  'merge-missing': { exit: 2, meaning: 'The run has no such merge.' },
  'function-missing': { exit: 2, meaning: 'The plan calls functions of a migration file that was not given.' },
  'compute-failed': { exit: 1, meaning: 'A row function of the migration file failed; its chunk was rolled back.' },
  'source-busy': { exit: 1, meaning: 'Writes to the source could not be blocked.' },
  'target-busy': { exit: 1, meaning: 'Indexes could not be taken off a target while others use the table.' },
  'source-rewritten': { exit: 1, meaning: 'A table that is read by physical ranges was rewritten during the run.' },
  'quarantine-limit': { exit: 1, meaning: 'The database refused more rows of a mapping than the run allows.' },
  'chunk-failed': { exit: 1, meaning: 'A chunk could not be carried out; its transaction was rolled back.' },
  'step-failed': { exit: 1, meaning: 'A step between the chunks could not be carried out; it was rolled back.' },
  'conservation-broken': { exit: 1, meaning: 'The dispositions of a mapping do not add up to its source rows (I2).' },
  'match-not-injective': {
    exit: 1,
    meaning: 'One existing target row is matched by several source rows, or the reverse.',
  },
  'rollback-conflicts': {
    exit: 1,
    meaning: 'Rows that others changed since stand in the way of a rollback; nothing of theirs was touched.',
  },
  'rollback-refused': {
    exit: 1,
    meaning: 'The database refuses what a rollback would write; that chunk was not changed.',
  },
  'landing-refused': {
    exit: 2,
    meaning: 'A table cannot land: its name is taken, its types cannot be had, or a run reads what has landed.',
  },
  'landing-busy': { exit: 1, meaning: 'Another process lands tables in this database.' },
  'landing-incomplete': { exit: 1, meaning: 'A table that is to be read has not landed yet, or not all of it.' },
  'landing-differs': { exit: 1, meaning: 'What has landed is not what the source holds.' },
  'snapshot-lost': { exit: 1, meaning: 'The session that held the snapshot of the source was lost too often.' },
  'file-refused': { exit: 2, meaning: 'A file that should land cannot be read as what it is said to be.' },
  interrupted: { exit: 130, meaning: 'The command was interrupted; what it had finished is kept.' },
  'statement-failed': { exit: 1, meaning: 'The server refused a statement of drover.' },
  'embedded-unsupported-platform': { exit: 1, meaning: 'No embedded PostgreSQL exists for this platform.' },
  'embedded-package-missing': { exit: 1, meaning: 'The package with the embedded PostgreSQL is not installed.' },
  'embedded-account-missing': {
    exit: 1,
    meaning: 'Started by root, and no unprivileged user exists to run the embedded PostgreSQL.',
  },
  'embedded-disk-full': { exit: 1, meaning: 'The disk is full where the embedded PostgreSQL lives.' },
  'embedded-port-in-use': { exit: 1, meaning: 'The port asked for is taken by another program.' },
  'embedded-data-directory': { exit: 1, meaning: 'The data directory cannot be used by the embedded PostgreSQL.' },
  'embedded-failed': { exit: 1, meaning: 'The embedded PostgreSQL did not start.' },
} as const satisfies Record<string, { readonly exit: 1 | 2 | 130; readonly meaning: string }>

export type ErrorCode = keyof typeof errorCodes

export interface ErrorDetails {
  /** Mapping, table, column, chunk, key range, file: where it happened. Keys, never values (I8). */
  readonly where?: string | undefined
  /** The cause as the server or the system names it, e.g. an SQLSTATE. */
  readonly why?: string | undefined
  /** What to do about it, as a sentence. */
  readonly remedy?: string | undefined
  /** Further findings of the same kind, shown as a list: definition errors are collected, not told one by one. */
  readonly findings?: readonly string[] | undefined
  readonly cause?: unknown
}

/** The one error class of drover: what happened, where, why, and what helps. */
export class DroverError extends Error {
  override readonly name = 'DroverError'
  readonly code: ErrorCode
  readonly what: string
  readonly where: string | undefined
  readonly why: string | undefined
  readonly remedy: string | undefined
  readonly findings: readonly string[]

  constructor(code: ErrorCode, what: string, details: ErrorDetails = {}) {
    super(what, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.what = what
    this.where = details.where
    this.why = details.why
    this.remedy = details.remedy
    this.findings = details.findings ?? []
  }
}

/** The error as lines of text for a terminal: what, the findings, then where, why and remedy. */
export function renderError(error: DroverError): string {
  return [
    `${error.what} [${error.code}]`,
    ...error.findings.map((finding) => `  - ${finding}`),
    ...(error.where === undefined ? [] : [`  where:  ${error.where}`]),
    ...(error.why === undefined ? [] : [`  why:    ${error.why}`]),
    ...(error.remedy === undefined ? [] : [`  remedy: ${error.remedy}`]),
  ].join('\n')
}
