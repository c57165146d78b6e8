import { type Expression, type OperationNode, sql } from 'kysely'

/** One rule by which the survivor among duplicates is chosen; the next rule decides between equals. */
export interface SurvivorRule {
  readonly order: OperationNode
}

/** The smallest value first; rows without one last. */
export function oldest(value: Expression<unknown>): SurvivorRule {
  return { order: sql`${value} asc nulls last`.toOperationNode() }
}

/** The greatest value first; rows without one last. */
export function newest(value: Expression<unknown>): SurvivorRule {
  return { order: sql`${value} desc nulls last`.toOperationNode() }
}

/** Rows for which the condition holds first. */
export function prefer(condition: Expression<unknown>): SurvivorRule {
  return { order: sql`(${condition}) is true desc`.toOperationNode() }
}

/** The row with the most values that are not null first. */
export function mostComplete(...values: readonly [Expression<unknown>, ...Expression<unknown>[]]): SurvivorRule {
  return { order: sql`num_nonnulls(${sql.join(values)}) desc`.toOperationNode() }
}
