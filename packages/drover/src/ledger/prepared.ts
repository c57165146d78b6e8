import type { Database } from '../db/connection.ts'
import type { Plan } from '../plan/plan.ts'

/**
 * On a cluster, brings to an end what a lost connection has left half committed: the nodes prepare a transaction, the
 * coordinator commits it, and until the nodes have heard of that, rows that the ledger holds as loaded are not seen.
 * Citus does it by itself every minute; a run that is resumed, verified or taken back does not wait for that. Does
 * nothing where no table of the plan is distributed, the function is not there, or the role may not call it: by default
 * that is for superusers. Returns how many transactions were ended; null where it was not asked for. Not tried on a
 * cluster.
 */
export async function recoverPrepared(db: Database, { catalog }: Pick<Plan, 'catalog'>): Promise<number | null> {
  if (!catalog.tables.some(({ distribution }) => distribution !== undefined)) return null
  return db.transaction(async (tx) => {
    const [row] = await tx.query(mayRecover)
    if (row?.may !== true) return null
    const [recovered] = await tx.query(
      '/* drover recovery of prepared transactions */ select pg_catalog.recover_prepared_transactions() as n',
    )
    return Number(recovered!.n)
  })
}

const mayRecover = `select has_function_privilege(to_regprocedure('pg_catalog.recover_prepared_transactions()'), 'execute') as may
where to_regprocedure('pg_catalog.recover_prepared_transactions()') is not null`
