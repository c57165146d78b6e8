import type { Row } from '../answer.ts'
import { dateOf, daysFrom, isoDay } from '../day.ts'
import { readGoals } from '../goals.ts'
import type { Questions } from '../probe.ts'
import { readProviders } from '../providers.ts'
import type { Parameters } from '../question.ts'
import { readValues } from '../values.ts'
import type { Clinic, World } from '../world.ts'

interface OfClinic extends Parameters {
  readonly clinic: Clinic
}

/** How large a clinic is, and how many values it has on each of the last thirty days. */
export async function clinicStatistics(world: World): Promise<Questions> {
  const { own } = await readProviders(world)
  const values = await readValues(world)
  const goals = await readGoals(world)
  const today = isoDay(world.cutover)
  const first = daysFrom(today, -30)
  const dayRow = (day: string, count: number): Row => ({ key: `values on ${day}`, order: day, facts: { count } })
  const sizeRow = (facts: Row['facts']): Row => ({ key: 'clinic', order: '', facts })
  return {
    questions: [
      {
        name: 'getClinicStatistics',
        parameters: world.chosen.map(
          (clinic): OfClinic => ({ about: `clinic ${clinic.id}`, clinicId: clinic.id, clinic }),
        ),
        legacy: async ({ clinic }: OfClinic) => {
          const all = await values.ofClinic(clinic)
          const recent = Map.groupBy(
            all.filter(({ day }) => day >= first),
            ({ day }) => day,
          )
          return [
            sizeRow({
              members: world.people.filter(({ memberships }) => memberships.has(clinic.id)).length,
              // Clones are inactive, and so not counted.
              providers: own.filter(({ clinicId, status }) => clinicId === clinic.id && status === 'active').length,
              values: all.length,
              openGoals: (await goals.ofClinic(clinic)).filter(({ endsOn }) => endsOn >= today).length,
            }),
            ...[...recent].map(([day, { length }]) => dayRow(day, length)).sort((a, b) => (a.key < b.key ? -1 : 1)),
          ]
        },
        app: async (db, { clinic: { id: clinicId } }: OfClinic) => {
          if ((await db.clinic.findUnique({ where: { id: clinicId } })) === null) return []
          const days = await db.metricValue.groupBy({
            by: ['metricDate'],
            where: { clinicId, metricDate: { gte: dateOf(first) } },
            _count: true,
            orderBy: { metricDate: 'asc' },
          })
          return [
            sizeRow({
              members: await db.membership.count({ where: { clinicId, isActive: true } }),
              providers: await db.provider.count({ where: { clinicId, status: 'active' } }),
              values: await db.metricValue.count({ where: { clinicId } }),
              openGoals: await db.goal.count({ where: { clinicId, endsOn: { gte: world.cutover } } }),
            }),
            ...days.map(({ metricDate, _count }) => dayRow(isoDay(metricDate), _count)),
          ]
        },
      },
    ],
  }
}
