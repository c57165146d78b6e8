/** One row as the driver returns it: whole numbers of int8, numerics and times are text. */
export type Row = Readonly<Record<string, unknown>>

/** Something that runs a statement. */
export interface Queryable {
  query(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
}

/** What the work of a transaction is done with. */
export interface Transaction extends Queryable {
  /**
   * Writes what `copy … to stdout` gives to a stream, no faster than it takes it, and leaves the stream open. Resolves to
   * the rows that the server says it has sent.
   *
   * @throws DroverError `connection-lost`; what the server says of the statement, and what the stream fails of, passes
   * unchanged.
   */
  copyOut(text: string, to: NodeJS.WritableStream): Promise<number>
  /**
   * Gives what a stream holds to `copy … from stdin`, no faster than the server takes it. Resolves to the rows that the
   * server says it has written.
   *
   * @throws DroverError `connection-lost`; what the server says of the statement or the rows, and what the stream fails of,
   * passes unchanged.
   */
  copyIn(text: string, from: NodeJS.ReadableStream): Promise<number>
}

/** How a transaction is named, what it may do, and how long it may wait. */
export interface TransactionOptions {
  /** What it is for, in a word or two: the comment of its first statement, for `pg_stat_activity`. Default none. */
  readonly name?: string
  /** Enforced by the server (I5). Default false. */
  readonly readOnly?: boolean
  /** How long a statement may take, in milliseconds; 0 for as long as it needs. Default 600,000. */
  readonly statementTimeoutMs?: number
  /** How long a statement may wait for a lock, in milliseconds. Default 30,000. */
  readonly lockTimeoutMs?: number
  /** How long it may stand still between two statements before the server ends it, in milliseconds. Default 60,000. */
  readonly idleTimeoutMs?: number
  /** Further settings for this transaction. */
  readonly settings?: Readonly<Record<string, string>>
}

/** The port to a database: everything above it knows only this. */
export interface Database {
  /** Host, port and database for messages; never the password. */
  readonly label: string
  /**
   * One transaction. It commits when `work` resolves and rolls back when it rejects.
   *
   * @throws DroverError `database-unreachable` or `database-refused` where there is no connection to be had,
   * `connection-lost` where it broke before the commit was sent, `commit-unknown` where it broke after that. What the
   * server says of a statement, and what `work` throws, passes unchanged.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>
  close(): Promise<void>
}
