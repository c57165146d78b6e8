import type { Goal as AppGoal, Prisma } from '../../prisma/generated/app/client.ts'
import type { Row } from './answer.ts'
import type { AppReader } from './clients.ts'
import { dateOf, isoDay } from './day.ts'
import { type Goal, orderOf, progress } from './goals.ts'

/** The order of lists of goals. */
export const latestFirst: Prisma.GoalOrderByWithRelationInput[] = [{ endsOn: 'desc' }, { startsOn: 'desc' }]

/** What counts for a goal. A null provider is asked for as such: only values without one count. */
export function valuesThatCount({
  clinicId,
  definitionId,
  providerId,
  startsOn,
  endsOn,
}: Goal): Prisma.MetricValueWhereInput {
  return {
    clinicId,
    metricDefinitionId: definitionId,
    providerId,
    metricDate: { gte: dateOf(startsOn), lte: dateOf(endsOn) },
  }
}

/** How far a goal is. */
export async function readProgress(db: AppReader, goal: Goal) {
  const { _sum } = await db.metricValue.aggregate({ where: valuesThatCount(goal), _sum: { value: true } })
  return progress(_sum.value?.toFixed() ?? '0', goal.target)
}

/** A goal in an answer, with how far it is where that is asked for. */
export function goalRow(goal: Goal, progress?: { readonly current: string; readonly percentage: string } | false): Row {
  const { id, definitionId, providerId, period, target } = goal
  return {
    key: `goal ${id}`,
    order: orderOf(goal),
    facts: { definitionId, providerId, period, target, ...(progress || {}) },
  }
}

/** What the new application reads, as a goal. */
export function toGoal(row: AppGoal): Goal {
  return {
    id: row.id,
    clinicId: row.clinicId,
    providerId: row.providerId,
    definitionId: row.metricDefinitionId,
    period: row.period,
    startsOn: isoDay(row.startsOn),
    endsOn: isoDay(row.endsOn),
    target: row.targetValue.toFixed(),
  }
}
