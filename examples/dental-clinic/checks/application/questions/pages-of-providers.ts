import type { Row } from '../answer.ts'
import { readNameOrder } from '../name-order.ts'
import { squished } from '../people.ts'
import type { Questions } from '../probe.ts'
import { type ExpectedProvider, readProviders } from '../providers.ts'
import type { Parameters } from '../question.ts'
import type { Clinic, World } from '../world.ts'

const rowsOfPage = 3

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
  const byName = await readNameOrder(
    world.query,
    [...own, ...clones].map(({ name }) => name),
  )
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
            .sort(byName)
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
