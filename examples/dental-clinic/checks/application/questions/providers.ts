import type { Row } from '../answer.ts'
import { few } from '../bounds.ts'
import { dateOf } from '../day.ts'
import { squished } from '../people.ts'
import type { Questions } from '../probe.ts'
import { type ExpectedProvider, readProviders } from '../providers.ts'
import type { Parameters } from '../question.ts'
import { newestFirst, toValue, valueRow } from '../value-row.ts'
import { readValues } from '../values.ts'
import type { Clinic, World } from '../world.ts'

const rowsOfPage = 3

/** Providers whose last values are asked for, at most. */
const providersAtMost = 60

interface OfPage extends Parameters {
  readonly clinic: Clinic
  readonly type?: 'dentist' | 'hygienist' | 'specialist' | 'other'
  readonly status?: 'active' | 'inactive'
  /** Whether only those who work at the clinic's location are asked for. */
  readonly isAtLocation?: true
}

/** A clinic's providers, page by page, by location, type and status. */
export async function providersPaginated(world: World): Promise<Questions> {
  const { own, clones } = await readProviders(world)
  const filters = [
    {},
    { isAtLocation: true },
    ...(['dentist', 'hygienist', 'specialist', 'other'] as const).map((type) => ({ type })),
    { status: 'active' },
    { status: 'inactive' },
    { type: 'dentist', status: 'active', isAtLocation: true },
  ] as const satisfies readonly Omit<OfPage, 'about' | 'clinic'>[]
  const row = (
    { id, name, type, status }: Omit<ExpectedProvider, 'clinicId' | 'isClone' | 'createdAt'>,
    locations: string,
  ): Row => {
    return { key: `provider ${id}`, order: name, facts: { name, type, status, locations } }
  }
  return {
    questions: [
      {
        name: 'getProvidersWithLocationsPaginated',
        parameters: world.chosen.flatMap((clinic) =>
          filters.map((filter): OfPage => {
            const about = [`clinic ${clinic.id}`, ...Object.entries(filter).map((pair) => pair.join(' '))].join(', ')
            return { about, clinicId: clinic.id, clinic, ...filter }
          }),
        ),
        legacy: async ({ clinic, type, status, isAtLocation }: OfPage) => {
          // Where a clinic is, all its providers are; clones work nowhere.
          const location = squished(clinic.rows[0]!.location) || 'Unknown'
          return [...own, ...(isAtLocation ? [] : clones)]
            .filter((provider) => provider.clinicId === clinic.id)
            .filter((provider) => type === undefined || provider.type === type)
            .filter((provider) => status === undefined || provider.status === status)
            .map((provider) => row(provider, provider.isClone ? '' : location))
            .sort((a, b) => (a.order! < b.order! ? -1 : 1))
        },
        app: async (db, { clinic, type, status, isAtLocation }: OfPage) => {
          const rows: Row[] = []
          for (let page = 0; page * rowsOfPage === rows.length; page++) {
            const found = await db.provider.findMany({
              where: {
                clinicId: clinic.id,
                ...(type && { providerType: type }),
                ...(status && { status }),
                ...(isAtLocation && { locations: { some: { location: { clinicId: clinic.id, isActive: true } } } }),
              },
              include: { locations: { include: { location: true }, orderBy: { isPrimary: 'desc' } } },
              orderBy: [{ fullName: 'asc' }, { id: 'asc' }],
              skip: page * rowsOfPage,
              take: rowsOfPage,
            })
            if (found.length === 0) break
            rows.push(
              ...found.map(({ id, fullName, providerType, status, locations }) =>
                row(
                  { id, name: fullName, type: providerType, status },
                  locations.map(({ location }) => location.name).join(', '),
                ),
              ),
            )
          }
          return rows
        },
      },
    ],
  }
}

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
          const found = await db.provider.findMany({
            where: { clinicId: clinic.id },
            include: {
              _count: {
                select: { metricValues: { where: { metricDate: { gte: dateOf(from), lte: dateOf(to) } } } },
              },
            },
          })
          return found.map(({ id, _count }): Row => ({ key: `provider ${id}`, facts: { values: _count.metricValues } }))
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
