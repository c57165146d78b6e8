import type { Row } from '../answer.ts'
import { few } from '../bounds.ts'
import { readGoals } from '../goals.ts'
import type { Questions } from '../probe.ts'
import { readProviders } from '../providers.ts'
import type { Parameters } from '../question.ts'
import { readValues } from '../values.ts'
import type { World } from '../world.ts'

/** Users that ask for their clinics at most. */
const peopleAtMost = 60

interface OfAccess extends Parameters {
  /** Those that the user may ask for; at last the policies decide. */
  readonly accessible: readonly string[]
}

/** The active clinics that a user has, by name, with what belongs to each. */
export async function clinics(world: World): Promise<Questions> {
  const { own, clones } = await readProviders(world)
  const values = await readValues(world)
  const goals = await readGoals(world)
  const counts = new Map<string, Row['facts']>()
  for (const clinic of world.chosen) {
    counts.set(clinic.id, {
      users: world.people.filter(({ memberships }) => memberships.has(clinic.id)).length,
      // Clones are among the providers now.
      providers: [...own, ...clones].filter(({ clinicId }) => clinicId === clinic.id).length,
      values: (await values.ofClinic(clinic)).length,
      goals: (await goals.ofClinic(clinic)).length,
    })
  }
  const { some, notAsked } = few('users', world.askers, peopleAtMost)
  return {
    questions: [
      {
        name: 'getClinics',
        parameters: some.map(({ userId, clinicIds }): OfAccess => {
          const accessible = world.chosen.flatMap(({ id }) => (clinicIds.has(id) ? [id] : []))
          return { about: `user ${userId}`, userId, accessible }
        }),
        legacy: async ({ accessible }: OfAccess) => {
          const found = await world.legacy.clinic.findMany({
            where: { status: 'active', id: { in: world.chosen.flatMap(({ legacyIds }) => [...legacyIds]) } },
            orderBy: { name: 'asc' },
          })
          // Of clinics that are one now, the survivor's row is it.
          return found.flatMap(({ id, name }): Row[] => {
            const clinic = world.clinicOf(id)
            if (clinic === undefined || clinic.legacyIds[0] !== id || !accessible.includes(clinic.id)) return []
            return [{ key: `clinic ${clinic.id}`, order: name.trim(), facts: counts.get(clinic.id)! }]
          })
        },
        app: async (db, { accessible }: OfAccess, asker) => {
          const asked = world.chosen.map(({ id }) => id)
          const found = await db.clinic.findMany({
            // The owner asks with the application's filter; for the user himself the policies are the filter.
            where: { status: 'active', id: { in: asker === undefined ? [...accessible] : asked } },
            orderBy: { name: 'asc' },
            include: {
              _count: {
                select: { members: { where: { isActive: true } }, providers: true, metricValues: true, goals: true },
              },
            },
          })
          return found.map(({ id, name, _count: { members, providers, metricValues, goals } }): Row => {
            return {
              key: `clinic ${id}`,
              order: name,
              facts: { users: members, providers, values: metricValues, goals },
            }
          })
        },
      },
    ],
    notAsked,
  }
}
