import { type RawBuilder, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { literal } from '../sql/nodes.ts'
import { unseen } from './invisible.ts'

/** SQL that shows the quarantined rows of a cause with their originals, to whoever runs it. */
export function quarantineQuery(
  runId: string,
  { mapping, code }: { readonly mapping: string; readonly code: string },
): string {
  return print(sql`select source_key, reasons, original
from drover.quarantine
where run_id = ${sql.lit(BigInt(runId))} and mapping = ${seen(mapping)} and code = ${seen(code)}
order by source_key`)
}

/** SQL that shows the corrections of a cause with their originals, or its notes, to whoever runs it. */
export function columnQuery(
  runId: string,
  table: 'correction' | 'note',
  { mapping, column, code }: { readonly mapping: string; readonly column: string; readonly code: string },
): string {
  const shown = table === 'correction' ? sql`source_key, original` : sql`source_key`
  return print(sql`select ${shown}
from ${sql.id('drover', table)}
where run_id = ${sql.lit(BigInt(runId))} and mapping = ${seen(mapping)} and column_name = ${seen(column)} and code = ${seen(code)}
order by source_key`)
}

/**
 * A text as a literal. Where some of it is not seen, or would turn the line around, by its bytes: what is read is what
 * runs.
 */
function seen(text: string): RawBuilder<unknown> {
  if (!unseen.test(text)) return sql`${literal(text)}`
  return sql`convert_from(decode(${literal(Buffer.from(text).toString('hex'))}, 'hex'), 'UTF8')`
}

function print(query: RawBuilder<unknown>): string {
  return compile(query.toOperationNode())
}
