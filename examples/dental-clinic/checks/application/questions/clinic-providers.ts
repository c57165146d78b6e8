import type { Row } from '../answer.ts'
import { few } from '../bounds.ts'
import { dateOf } from '../day.ts'
import type { Questions } from '../probe.ts'
import { readProviders } from '../providers.ts'
import type { Parameters } from '../question.ts'
import { newestFirst, toValue, valueRow } from '../value-row.ts'
import { readValues } from '../values.ts'
import type { Clinic, World } from '../world.ts'

/** Providers whose last values are asked for, at most. */
const providersAtMost = 60

interface OfRange extends Parameters {
  readonly clinic: Clinic
  readonly from: string
  readonly to: string
}

interface OfProvider extends OfRange {
  readonly providerId: string
}

const ranges = [
  { from: '2022-01-01', to: '2025-12-31' },
  { from: '2024-01-01', to: '2024-03-31' },
]

/** A clinic's providers with the number of their values in a range, and the last ten of each. */
export async function clinicProviders(world: World): Promise<Questions> {
  const values = await readValues(world)
  const { own, clones } = await readProviders(world)
  const all = [...own, ...clones].filter(({ clinicId }) => world.chosen.some(({ id }) => id === clinicId))
  const { some, notAsked } = few('providers', all, providersAtMost)
  const clinicWith = (clinicId: string) => world.chosen.find(({ id }) => id === clinicId)!
  return {
    questions: [
      {
        name: 'getClinicProviders',
        parameters: world.chosen.flatMap((clinic) =>
          ranges.map(({ from, to }): OfRange => {
            return { about: `clinic ${clinic.id}, from ${from} to ${to}`, clinicId: clinic.id, clinic, from, to }
          }),
        ),
        legacy: async ({ clinic, from, to }: OfRange) => {
          const found = (await values.ofClinic(clinic)).filter(({ day }) => day >= from && day <= to)
          // Clones have the values that named a provider of another clinic.
          return all
            .filter(({ clinicId }) => clinicId === clinic.id)
            .map(({ id }): Row => {
              return {
                key: `provider ${id}`,
                facts: { values: found.filter((value) => value.providerId === id).length },
              }
            })
        },
        app: async (db, { clinic, from, to }: OfRange) => {
          const found = await db.provider.findMany({ where: { clinicId: clinic.id } })
          const counts = await db.metricValue.groupBy({
            by: ['providerId'],
            where: {
              clinicId: clinic.id,
              providerId: { not: null },
              metricDate: { gte: dateOf(from), lte: dateOf(to) },
            },
            _count: true,
          })
          return found.map(({ id }): Row => {
            const values = counts.find(({ providerId }) => providerId === id)?._count ?? 0
            return { key: `provider ${id}`, facts: { values } }
          })
        },
      },
      {
        name: 'getClinicProviders, last values',
        limit: 10,
        parameters: some.flatMap(({ id: providerId, clinicId }) =>
          ranges.map(({ from, to }): OfProvider => {
            const clinic = clinicWith(clinicId)
            return { about: `provider ${providerId}, from ${from} to ${to}`, clinicId, clinic, providerId, from, to }
          }),
        ),
        legacy: async ({ clinic, providerId, from, to }: OfProvider) =>
          (await values.ofClinic(clinic))
            .filter((value) => value.providerId === providerId && value.day >= from && value.day <= to)
            .sort(newestFirst(({ day }) => day))
            .map((value) => valueRow(value, value.day)),
        app: async (db, { providerId, from, to }: OfProvider) => {
          const found = await db.metricValue.findMany({
            where: { providerId, metricDate: { gte: dateOf(from), lte: dateOf(to) } },
            orderBy: { metricDate: 'desc' },
            take: 10,
          })
          return found.map(toValue).map((value) => valueRow(value, value.day))
        },
      },
    ],
    notAsked,
  }
}
