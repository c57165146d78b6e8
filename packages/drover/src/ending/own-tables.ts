import { sql } from 'kysely'
import type { Database, Queryable } from '../db/connection.ts'
import { retrying } from '../db/retry.ts'
import { readHolders } from '../ledger/holder.ts'
import { lockLedger } from '../ledger/install.ts'
import { dropTablesOf, type TableKind, tableBytes } from '../ledger/mapping-tables.ts'
import { ledgerTables } from '../plan/plan.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import type { EndedRun } from './ended-runs.ts'
import { longestCountMs } from './limits.ts'
import type { Gone } from './purged.ts'

/** Tables that a run has to itself, of one mapping. They bear the mapping's name alone: another run may hold them by now. */
interface OwnTables {
  readonly mapping: string
  readonly kinds: readonly TableKind[]
}

async function readOwnTables(tx: Queryable, { id, migration }: EndedRun): Promise<readonly OwnTables[]> {
  const holders = await readHolders(tx, migration, [])
  return holders.filter(({ runId }) => runId === id).map(({ mapping, tables }) => ({ mapping, kinds: tables }))
}

/** What dropping them takes away. */
export async function measureOwnTables(tx: Queryable, run: EndedRun): Promise<readonly Gone[]> {
  const gone: Gone[] = []
  for (const { mapping, kinds } of await readOwnTables(tx, run)) {
    for (const kind of kinds) gone.push(await measure(tx, mapping, kind))
  }
  return gone
}

async function measure(tx: Queryable, mapping: string, kind: TableKind): Promise<Gone> {
  const table = ledgerTables[kind](mapping)
  const query = sql`select count(*) as rows from ${expressionOf(tableNode(table))}`
  const [row] = await tx.query(compile(query.toOperationNode()))
  return {
    table: `${table.schema}.${table.name}`,
    rows: BigInt(row!.rows as string),
    bytes: (await tableBytes(tx, table))!,
  }
}

/** Drops them, a mapping at a time. */
export async function dropOwnTables(db: Database, run: EndedRun): Promise<readonly Gone[]> {
  const own = await retrying(() => db.transaction((tx) => readOwnTables(tx, run), { readOnly: true }))
  const gone: Gone[] = []
  for (const { mapping } of own) {
    const dropped = await retrying(() =>
      db.transaction(
        async (tx) => {
          // Whoever starts a run makes room for it, and its mappings take the names over.
          await lockLedger(tx)
          const now = (await readOwnTables(tx, run)).find((held) => held.mapping === mapping)
          if (now === undefined) return []
          const measured: Gone[] = []
          for (const kind of now.kinds) measured.push(await measure(tx, mapping, kind))
          await dropTablesOf(tx, [mapping], now.kinds)
          return measured
        },
        { name: `run ${run.id} purge`, statementTimeoutMs: longestCountMs },
      ),
    )
    gone.push(...dropped)
  }
  return gone
}
