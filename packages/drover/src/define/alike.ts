import { type Expression, sql } from 'kysely'
import { annotate } from '../sql/annotation.ts'
import { expressionOf } from '../sql/nodes.ts'
import type { bool } from './sql-types.ts'

/** Which rows can look like others, and by what. */
export interface AlikeOptions {
  /** Only rows that differ in one of these count; null differs from nothing. Default: all do. */
  readonly differIn?: readonly Expression<unknown>[]
  /** Rows for which this does not hold look like no other. Default: every row can. */
  readonly when?: Expression<unknown>
}

/**
 * Whether another row has the same values: one that looks like a duplicate where nobody says that it is one. Null equals
 * null; rows that are excluded or set aside do not count, duplicates that are merged do. To count such rows and keep them:
 * `noteWhen(amount, 'look-alike', alike([day, amount]))`.
 *
 * SQL: `count(*) over (partition by <values>) > 1`, computed once before the first chunk
 */
export function alike(values: readonly Expression<unknown>[], options: AlikeOptions = {}): Expression<bool> {
  return expressionOf(
    annotate(sql`false`.toOperationNode(), {
      kind: 'alike',
      by: values.map((value) => value.toOperationNode()),
      differIn: (options.differIn ?? []).map((value) => value.toOperationNode()),
      when: options.when?.toOperationNode(),
    }),
  )
}
