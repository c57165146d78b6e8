import type { Database } from '../db/connection.ts'
import { installLedger, ledgerVersion } from '../ledger/install.ts'

/**
 * What people have decided about rows of the migration, which a run reads: brought into the ledger of the scratch
 * database.
 */
const decisions = ['overlay', 'apart'] as const

/** Makes a ledger in the scratch database, and brings the fixes there that the real one holds. Returns how many. */
export async function copyFixes(from: Database, to: Database, migration: string, drover: string): Promise<number> {
  const rows = await from.transaction(
    async (tx) => {
      if ((await ledgerVersion(tx)) === 0) return []
      const read: { readonly table: string; readonly rows: readonly unknown[] }[] = []
      for (const table of decisions) {
        const [row] = await tx.query(
          `select coalesce(jsonb_agg(to_jsonb(t.*)), '[]') as rows from drover.${table} as t where migration = $1`,
          [migration],
        )
        read.push({ table, rows: row!.rows as readonly unknown[] })
      }
      return read
    },
    { readOnly: true },
  )
  return to.transaction(async (tx) => {
    await installLedger(tx, drover)
    for (const { table, rows: own } of rows) {
      await tx.query(`insert into drover.${table} select * from jsonb_populate_recordset(null::drover.${table}, $1)`, [
        JSON.stringify(own),
      ])
    }
    return rows.reduce((sum, { rows: own }) => sum + own.length, 0)
  })
}
