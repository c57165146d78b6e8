import { type RawBuilder, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import type { Selection } from './selection.ts'

/** A condition on `drover.quarantine`: a row of the run that the selection means, accepted or not. */
export function isSelected(runId: string, { mapping, codes, keys }: Selection): RawBuilder<boolean> {
  const conditions = [
    sql`quarantine.run_id = ${sql.lit(runId)}`,
    ...(mapping === undefined ? [] : [sql`quarantine.mapping = ${sql.lit(mapping)}`]),
    ...(codes === undefined ? [] : [sql`quarantine.code in (${listOf(codes)})`]),
    ...(keys === undefined ? [] : [sql`quarantine.source_key in (${listOf(keys)})`]),
  ]
  return sql<boolean>`${sql.join(conditions, sql` and `)}`
}

/** Whether a selection names anything. */
export function namesAnything({ mapping, codes, keys }: Selection): boolean {
  return mapping !== undefined || codes !== undefined || keys !== undefined
}

/** A statement of a repair, headed by the run and its purpose. */
export function repairStatement(runId: string, purpose: string, query: RawBuilder<unknown>): string {
  return `/* drover run ${runId} ${purpose} */\n${compile(query.toOperationNode())}`
}

/** An empty list means nothing, and `in ()` is no SQL. */
function listOf(texts: readonly string[]): RawBuilder<unknown> {
  return texts.length === 0 ? sql`null` : sql.join(texts.map((text) => sql.lit(text)))
}
