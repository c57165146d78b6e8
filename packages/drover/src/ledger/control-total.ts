import type { Queryable } from '../db/connection.ts'
import type { MappingPlan } from '../plan/plan.ts'

/** When sums are taken: of the source alone before the first chunk, of source and target when the mapping is closed. */
export type TotalStage = 'before' | 'loaded'

/** Takes the control totals of a mapping, in place of those that were taken before at the same stage. */
export async function takeTotals(
  tx: Queryable,
  runId: string,
  { name, totals }: MappingPlan,
  stage: TotalStage,
): Promise<void> {
  if (totals === null) return
  await tx.query(`/* drover run ${runId} ${name} control totals */\n${totals[stage]}`, [runId])
}
