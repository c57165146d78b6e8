import type { Row } from '../answer.ts'
import { dateOf, isoDay } from '../day.ts'
import { orderOf, readGoals } from '../goals.ts'
import { readNameOrder } from '../name-order.ts'
import type { Questions } from '../probe.ts'
import { readProviders } from '../providers.ts'
import type { Parameters } from '../question.ts'
import { newestFirst, toValue, valueRow } from '../value-row.ts'
import { readValues } from '../values.ts'
import type { Clinic, World } from '../world.ts'

interface OfRange extends Parameters {
  readonly clinic: Clinic
  readonly from: string
  readonly to: string
}

const ranges = [
  { from: '2022-06-01', to: '2025-06-01' },
  { from: '2024-10-01', to: '2024-12-31' },
  { from: '2025-05-25', to: '2025-05-31' },
]

/** What a clinic's dashboard shows: its newest values, its open goals, its active providers. */
export async function clinicDashboard(world: World): Promise<Questions> {
  const values = await readValues(world)
  const goals = await readGoals(world)
  const { own } = await readProviders(world)
  const byName = await readNameOrder(
    world.query,
    own.map(({ name }) => name),
  )
  const today = isoDay(world.cutover)
  const parameters = world.chosen.flatMap((clinic) =>
    ranges.map(({ from, to }): OfRange => {
      return { about: `clinic ${clinic.id}, from ${from} to ${to}`, clinicId: clinic.id, clinic, from, to }
    }),
  )
  const wholeClinic = world.chosen.map((clinic): OfRange => {
    return { about: `clinic ${clinic.id}`, clinicId: clinic.id, clinic, ...ranges[0]! }
  })
  const providerRow = (id: string, name: string): Row => ({ key: `provider ${id}`, order: name, facts: {} })
  return {
    questions: [
      {
        name: 'getClinicDashboardData, values',
        limit: 500,
        parameters,
        legacy: async ({ clinic, from, to }: OfRange) =>
          (await values.ofClinic(clinic))
            .filter(({ day }) => day >= from && day <= to)
            .sort(newestFirst(({ day }) => day))
            .map((value) => valueRow(value, value.day)),
        app: async (db, { clinic, from, to }: OfRange) => {
          const found = await db.metricValue.findMany({
            where: { clinicId: clinic.id, metricDate: { gte: dateOf(from), lte: dateOf(to) } },
            include: {
              metricDefinition: { select: { id: true, name: true } },
              provider: { select: { id: true, fullName: true } },
            },
            orderBy: { metricDate: 'desc' },
            take: 500,
          })
          // A value whose metric or provider cannot be seen would show without a name.
          return found.map(({ metricDefinition, provider, ...value }) => {
            const named = { ...value, metricDefinitionId: metricDefinition.id, providerId: provider?.id ?? null }
            return valueRow(toValue(named), isoDay(value.metricDate))
          })
        },
      },
      {
        name: 'getClinicDashboardData, goals',
        parameters: wholeClinic,
        legacy: async ({ clinic }: OfRange) =>
          (
            await goals.ofClinic(clinic, {
              OR: [{ endDate: { gte: world.cutover } }, { startDate: { gte: world.cutover } }],
            })
          )
            .filter(({ endsOn }) => endsOn >= today)
            .map(({ id, target, ...goal }): Row => ({ key: `goal ${id}`, order: orderOf(goal), facts: { target } })),
        app: async (db, { clinic }: OfRange) => {
          const found = await db.goal.findMany({
            where: { clinicId: clinic.id, endsOn: { gte: dateOf(today) } },
            orderBy: [{ endsOn: 'desc' }, { startsOn: 'desc' }],
          })
          return found.map(({ id, startsOn, endsOn, targetValue }): Row => {
            const order = orderOf({ startsOn: isoDay(startsOn), endsOn: isoDay(endsOn) })
            return { key: `goal ${id}`, order, facts: { target: targetValue.toFixed() } }
          })
        },
      },
      {
        name: 'getClinicDashboardData, providers',
        parameters: wholeClinic,
        // Clones are inactive: they do not show.
        legacy: async ({ clinic }: OfRange) => {
          const found = await world.legacy.provider.findMany({
            where: { clinicId: { in: [...clinic.legacyIds] }, status: 'active' },
          })
          const names = new Set(found.map(({ name }) => name.trim()))
          return own
            .filter(({ clinicId, status, name }) => clinicId === clinic.id && status === 'active' && names.has(name))
            .map(({ id, name }) => providerRow(id, name))
            .sort(byName)
        },
        app: async (db, { clinic }: OfRange) => {
          const found = await db.provider.findMany({
            where: { clinicId: clinic.id, status: 'active' },
            orderBy: { fullName: 'asc' },
          })
          return found.map(({ id, fullName }) => providerRow(id, fullName))
        },
      },
    ],
  }
}
