import type { Database, Queryable } from '../db/connection.ts'
import { retrying } from '../db/retry.ts'
import { ledgerSchema } from '../plan/plan.ts'

/** What a transaction of a purge takes of a table at most: 32 MB of pages of 8,192 bytes. */
const blocksPerRange = 4096

/** A range of a table's rows, by their `ctid`: from the first, up to and without the last. */
export interface CtidRange {
  readonly from: string
  readonly to: string
}

/**
 * Goes through a table of the ledger in ranges of blocks, each in a transaction of its own. By blocks, because most of these
 * tables have no index that leads to the rows of a run, and a `limit` would read what is gone again and again.
 */
export async function inBlockRanges(
  db: Database,
  { table, name }: { readonly table: string; readonly name: string },
  act: (tx: Queryable, range: CtidRange) => Promise<void>,
): Promise<void> {
  const blocks = await retrying(() => db.transaction((tx) => blocksOf(tx, table), { readOnly: true }))
  for (let first = 0; first < blocks; first += blocksPerRange) {
    const range = { from: `(${first},0)`, to: `(${first + blocksPerRange},0)` }
    await retrying(() => db.transaction((tx) => act(tx, range), { name }))
  }
}

async function blocksOf(tx: Queryable, table: string): Promise<number> {
  const [row] = await tx.query(
    `select (pg_relation_size(format('%I.%I', $1::text, $2::text)::regclass) / current_setting('block_size')::int)::integer as blocks`,
    [ledgerSchema, table],
  )
  return row!.blocks as number
}
