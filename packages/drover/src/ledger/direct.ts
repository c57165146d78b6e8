import type { Queryable } from '../db/connection.ts'
import { directStatements } from '../plan/direct.ts'
import type { Plan } from '../plan/plan.ts'

/** Reads the tables of the plan that have no fixed rows now as they stand, not through `drover.overlay`. */
export type ReadDirectly = (tx: Queryable) => Promise<Queryable>

export function readingDirectly(plan: Plan): ReadDirectly {
  const direct = directStatements(plan)
  return async (tx) => {
    const rows = await tx.query('select distinct relation from drover.overlay where migration = $1', [plan.migration])
    const fixed = new Set(rows.map(({ relation }) => relation as string))
    return { query: (text, values) => tx.query(direct(text, fixed), values) }
  }
}
