import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import { causeOfRow } from './cause.ts'
import { fixOfRow, fixWaits } from './fix-of-row.ts'
import { isSelected, repairStatement } from './selected.ts'
import type { Selection } from './selection.ts'

/** A quarantined row in a list: its key, and what is decided about it. */
export interface ListedRow {
  readonly key: string
  readonly code: string
  readonly columns: string | null
  readonly fixWaits: boolean
  readonly isAccepted: boolean
}

/** A page of rows that were set aside. */
export interface QuarantinePage {
  /** In the order of their keys. */
  readonly rows: readonly ListedRow[]
  /** Where the next page begins: after this key. Null on the last one. */
  readonly after: string | null
}

/** Which part of a selection a page shows. */
export interface PagePart {
  /** The page begins after this key. */
  readonly after?: string | undefined
  /** Rows of a page. */
  readonly limit: number
  /** Only rows that were accepted, or only those that were not. */
  readonly isAccepted?: boolean | undefined
  /** A text that stands in the key, as it is written. */
  readonly keyHolds?: string | undefined
}

/** Rows of one mapping that a selection means, from the first key after `after` on. */
export async function readQuarantinePage(
  tx: Queryable,
  run: Run,
  selection: Selection & { readonly mapping: string },
  { after, limit, isAccepted, keyHolds }: PagePart,
): Promise<QuarantinePage> {
  const conditions = [
    isSelected(run.id, selection),
    ...(after === undefined ? [] : [sql`quarantine.source_key > ${sql.lit(after)}`]),
    ...(isAccepted === undefined ? [] : [sql`(quarantine.accepted_at is not null) = ${sql.lit(isAccepted)}`]),
    ...(keyHolds === undefined ? [] : [sql`pg_catalog.strpos(quarantine.source_key, ${sql.lit(keyHolds)}) > 0`]),
  ]
  const query = sql`select quarantine.source_key, quarantine.code, cause.columns, ${fixWaits} is true as fix_waits,
  quarantine.accepted_at is not null as is_accepted
from (
  select quarantine.*
  from drover.quarantine
  where ${sql.join(conditions, sql` and `)}
  order by quarantine.source_key
  limit ${sql.lit(limit + 1)}
) as quarantine
${causeOfRow}
${fixOfRow(run)}
order by quarantine.source_key`
  const found = await tx.query(repairStatement(run.id, 'quarantine list', query))
  const rows = found.slice(0, limit).map((row) => ({
    key: row.source_key as string,
    code: row.code as string,
    columns: row.columns as string | null,
    fixWaits: row.fix_waits as boolean,
    isAccepted: row.is_accepted as boolean,
  }))
  return { rows, after: found.length > limit ? rows.at(-1)!.key : null }
}
