import type { Prisma } from '../../../prisma/generated/legacy/client.ts'
import { few } from '../bounds.ts'
import { dateOf } from '../day.ts'
import { goalRow, latestFirst, toGoal } from '../goal-row.ts'
import { readGoals } from '../goals.ts'
import type { Questions } from '../probe.ts'
import { readProviders } from '../providers.ts'
import type { Parameters } from '../question.ts'
import type { Clinic, World } from '../world.ts'

/** Providers whose goals are asked for, at most. */
const providersAtMost = 60

interface OfProvider extends Parameters {
  readonly clinic: Clinic
  readonly providerId: string
  /** ISO dates, both inclusive. */
  readonly from: string
  readonly to: string
}

const spans = [
  { from: '2024-01-01', to: '2024-12-31' },
  { from: '2025-03-10', to: '2025-06-30' },
  { from: '2000-01-01', to: '2030-12-31' },
]

/** The goals of a provider that lie wholly inside a span. */
export async function providerGoals(world: World): Promise<Questions> {
  const expected = await readGoals(world)
  const { own, clones } = await readProviders(world)
  const { some, notAsked } = few(
    'providers',
    [...own, ...clones].filter(({ clinicId }) => world.chosen.some(({ id }) => id === clinicId)),
    providersAtMost,
  )
  const parameters = some.flatMap(({ id: providerId, clinicId }) =>
    spans.map(({ from, to }): OfProvider => {
      const clinic = world.chosen.find(({ id }) => id === clinicId)!
      return { about: `provider ${providerId}, from ${from} to ${to}`, clinicId, clinic, providerId, from, to }
    }),
  )
  return {
    questions: [
      {
        name: 'fetchProviderGoals',
        parameters,
        legacy: async ({ clinic, providerId, from, to }: OfProvider) => {
          const where: Prisma.GoalWhereInput = { providerId: { not: null } }
          return (await expected.ofClinic(clinic, where))
            .filter((goal) => goal.providerId === providerId && goal.startsOn >= from && goal.endsOn <= to)
            .map((goal) => goalRow(goal))
        },
        app: async (db, { providerId, from, to }: OfProvider) => {
          const found = await db.goal.findMany({
            where: { providerId, startsOn: { gte: dateOf(from) }, endsOn: { lte: dateOf(to) } },
            orderBy: latestFirst,
          })
          return found.map((row) => goalRow(toGoal(row)))
        },
      },
    ],
    notAsked,
  }
}
