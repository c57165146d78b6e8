import type { Row } from '../answer.ts'
import { dateOf, isoDay } from '../day.ts'
import { readDefinitions } from '../definitions.ts'
import { goalRow, latestFirst, readProgress, toGoal } from '../goal-row.ts'
import { progressOf, readGoals, valuesOf } from '../goals.ts'
import type { Questions } from '../probe.ts'
import { readProviders } from '../providers.ts'
import type { Parameters } from '../question.ts'
import { readValues } from '../values.ts'
import type { Clinic, World } from '../world.ts'

const periods = ['daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const

interface Filter {
  readonly providerId?: string
  readonly definitionId?: string
  readonly period?: (typeof periods)[number]
  readonly isActive?: true
  readonly includeProgress?: true
}

interface OfGoals extends Parameters {
  readonly clinic: Clinic
  readonly filter: Filter
}

/** A clinic's goals by any filter, the latest end first; with how far they are where that is asked for. */
export async function goals(world: World): Promise<Questions> {
  const expected = await readGoals(world)
  const values = await readValues(world)
  const { own, clones } = await readProviders(world)
  const today = isoDay(world.cutover)
  const definitions = await readDefinitions(world)
  const parameters = world.chosen.flatMap((clinic) => {
    const filters: Filter[] = [
      {},
      { includeProgress: true },
      { isActive: true, includeProgress: true },
      ...periods.map((period) => ({ period })),
      ...definitions.all.map((definitionId) => ({ definitionId })),
      ...[...own, ...clones].filter(({ clinicId }) => clinicId === clinic.id).map(({ id }) => ({ providerId: id })),
    ]
    return filters.map((filter): OfGoals => {
      const about = [`clinic ${clinic.id}`, ...Object.entries(filter).map((pair) => pair.join(' '))].join(', ')
      return { about, clinicId: clinic.id, clinic, filter }
    })
  })
  return {
    questions: [
      {
        name: 'getGoals',
        parameters,
        legacy: async ({ clinic, filter }: OfGoals) => {
          const { providerId, definitionId, period, isActive, includeProgress } = filter
          const found = await expected.ofClinic(clinic, {
            ...(definitionId && { metricDefinitionId: { in: definitions.legacyIds(definitionId) } }),
            ...(period && { timePeriod: { in: period === 'yearly' ? ['yearly', 'annual'] : [period] } }),
            // The end may stand where the start belongs.
            ...(isActive && { OR: [{ endDate: { gte: world.cutover } }, { startDate: { gte: world.cutover } }] }),
          })
          const all = includeProgress ? await values.ofClinic(clinic) : []
          return found
            .filter((goal) => providerId === undefined || goal.providerId === providerId)
            .filter(({ endsOn }) => !isActive || endsOn >= today)
            .map((goal) => goalRow(goal, includeProgress && progressOf(goal, valuesOf(goal, all))))
        },
        app: async (db, { clinic, filter }: OfGoals) => {
          const { providerId, definitionId, period, isActive, includeProgress } = filter
          const found = await db.goal.findMany({
            where: {
              clinicId: clinic.id,
              ...(providerId && { providerId }),
              ...(definitionId && { metricDefinitionId: definitionId }),
              ...(period && { period }),
              ...(isActive && { endsOn: { gte: dateOf(today) } }),
            },
            orderBy: latestFirst,
          })
          const rows: Row[] = []
          for (const row of found) {
            const goal = toGoal(row)
            rows.push(goalRow(goal, includeProgress && (await readProgress(db, goal))))
          }
          return rows
        },
      },
    ],
  }
}
