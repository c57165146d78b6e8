import { renderSteps } from '../../src/cli/plan-sql.ts'
import type { Plan } from '../../src/plan/plan.ts'

/** What `drover plan --sql` prints of the hazards and the steps. The rest of it is the same for every migration. */
export function printPlan(plan: Plan): string {
  const hazards = plan.hazards.map(({ name, mapping, why }) => `-- hazard ${name}, ${mapping ?? 'all'}: ${why}\n`)
  return hazards.join('') + renderSteps(plan)
}

/** Every statement of the plan, wherever it stands in it. */
export function statementsIn(plan: Plan): readonly string[] {
  const texts = (value: unknown): readonly string[] => {
    if (typeof value === 'string') return [value]
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : []
  }
  const freeze = plan.freeze.tables.flatMap(({ block, release, digest }) => texts([block, release, digest]))
  const mappings = plan.mappings.flatMap(({ statements: { settleReferences, ...statements }, compute, totals }) => [
    ...texts(statements),
    ...(settleReferences === null ? [] : texts([settleReferences.quarantine, settleReferences.fill])),
    ...(compute === null ? [] : [compute.statement]),
    ...(totals === null ? [] : [totals.before, totals.loaded]),
  ])
  return [...freeze, ...mappings]
}
