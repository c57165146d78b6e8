import type { Database, Queryable } from '../db/connection.ts'

/** Something to ask; the heaviest is begun first. */
export interface Question {
  readonly weight: number
  ask(tx: Queryable): Promise<void>
}

/** Two cores answer twice as much; more connections would take them from others. */
export const lanes = 2

/**
 * Asks all questions on two connections that see the same moment: one exports its snapshot, the other takes it over.
 * Nothing is written, which the server enforces (I5). The first failure is thrown once both have come to rest.
 */
export async function askAll(db: Database, questions: readonly Question[]): Promise<void> {
  const waiting = questions.toSorted((a, b) => b.weight - a.weight)
  let failed = false
  const work = async (tx: Queryable) => {
    for (let next = waiting.shift(); next !== undefined && !failed; next = waiting.shift()) {
      await next.ask(tx).catch((thrown: unknown) => {
        failed = true
        throw thrown
      })
    }
  }
  await db.transaction(async (tx) => {
    const [row] = await tx.query('/* drover check */\nselect pg_export_snapshot() as snapshot')
    const snapshot = String(row!.snapshot)
    const results = await Promise.allSettled([
      ...Array.from({ length: lanes - 1 }, () => withSnapshot(db, snapshot, work)),
      work(tx),
    ])
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }, exporting)
}

/** How every statement of a check is run: nothing is written, which the server enforces (I5), all of one moment. */
const checkTransaction = {
  readOnly: true,
  statementTimeoutMs: 0,
  settings: {
    application_name: 'drover check',
    transaction_isolation: 'repeatable read',
    // Rows that are computed on the way have no statistics: the planner takes them for few or for far too many, and sorts
    // them to be merged where a hash of a small side would do.
    enable_mergejoin: 'off',
    work_mem: '64MB',
  },
} as const

/** The exporting transaction may wait for the other one. */
const exporting = { ...checkTransaction, idleTimeoutMs: 0 }

async function withSnapshot(db: Database, snapshot: string, work: (tx: Queryable) => Promise<void>): Promise<void> {
  await db.transaction(async (tx) => {
    // The server's own name of a snapshot: hexadecimal digits and hyphens.
    await tx.query(`set transaction snapshot '${snapshot.replace(/[^0-9A-F-]/gi, '')}'`)
    await work(tx)
  }, checkTransaction)
}
