import type { TestDatabase } from '../support/connect.ts'

/** What faults are let loose on: a process that does something to a database, and what must come of it. */
export interface Trial {
  /** The process's file: it takes a connection string and, for a fault, a point and the fault. */
  readonly child: string
  /** The connection string that the process uses. */
  urlOf(database: TestDatabase): string
  /** What is there afterwards. */
  resultOf(database: TestDatabase): Promise<unknown>
  /** What must be there, whatever strikes. */
  readonly expected: unknown
}
