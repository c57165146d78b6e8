import type { Transaction } from '../db/connection.ts'

/** Writes the rows that a rollback has discarded, a JSON object a line, in the order in which they went. */
export async function copyDiscarded(tx: Transaction, runId: string, to: NodeJS.WritableStream): Promise<void> {
  // No character of JSON is one of these two, so that nothing is quoted.
  const asTheyAre = `with (format csv, quote e'\\x01', delimiter e'\\x02')`
  await tx.copyOut(
    `copy (
  select json_build_object('table', table_schema || '.' || table_name, 'key', row_key, 'row', row)
  from drover.discarded_row
  where run_id = ${BigInt(runId)}
  order by id
) to stdout ${asTheyAre}`,
    to,
  )
}
