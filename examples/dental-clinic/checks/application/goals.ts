import { fromPlain, readUnderPolicy, toPlain } from '../../generator/amounts.ts'
import type { Goal as LegacyGoal, Prisma } from '../../prisma/generated/legacy/client.ts'
import { readCrosswalk } from './crosswalk.ts'
import { wordOf } from './people.ts'
import { readProviders } from './providers.ts'
import { sumOf, type Value } from './values.ts'
import type { Clinic, World } from './world.ts'

/** A legacy goal as the decisions of the migration leave it. */
export interface Goal {
  /** The new id. */
  readonly id: string
  readonly clinicId: string
  readonly providerId: string | null
  readonly definitionId: string
  readonly period: string
  /** ISO dates, both inclusive. */
  readonly startsOn: string
  readonly endsOn: string
  /** A plain number. */
  readonly target: string
}

export interface Goals {
  /** Asks for a clinic's goals with the filter of a question. The latest end comes first, then the latest start. */
  ofClinic(clinic: Clinic, where?: Prisma.GoalWhereInput): Promise<readonly Goal[]>
}

/** Reads goals by the rules of the migration, apart from its code; what is set aside follows from them, too. */
export async function readGoals(world: World): Promise<Goals> {
  const { legacy, query, clinicOf, providers, clinics } = world
  const crosswalk = await readCrosswalk(query, 'goals')
  const definitions = await readCrosswalk(query, 'metric_definitions')
  const { providerOf } = await readProviders(world)
  const clinicOfProvider = new Map(providers.map(({ id, clinicId }) => [id, clinicOf(clinicId)]))
  // Goals that ask for the same are one, which the ledger knows: the others are set aside.
  const duplicates = await query(
    `select source_key from drover.quarantine where mapping = 'goals' and code = 'duplicate-goal'`,
  )
  const isDuplicate = new Set(duplicates.map(({ source_key }) => String(source_key)))

  const goalOf = (row: LegacyGoal): Goal | undefined => {
    // A goal without a clinic is one of its provider's clinic; one without either is nobody's.
    const clinic =
      clinicOf(row.clinicId) ?? (row.providerId === null ? undefined : clinicOfProvider.get(row.providerId))
    const definitionId = definitions.idOf(row.metricDefinitionId)
    const target = readUnderPolicy(row.targetValue, null)
    if (clinic === undefined || definitionId === undefined || target === undefined || isDuplicate.has(row.id))
      return undefined
    // Two dates in the wrong order are swapped.
    const [startsOn, endsOn] = [clinic.dayOf(row.startDate), clinic.dayOf(row.endDate)].sort()
    const period = wordOf(row.timePeriod)
    return {
      id: crosswalk.idOf(row.id) ?? `of legacy ${row.id}`,
      clinicId: clinic.id,
      providerId: providerOf(row.providerId, clinic) ?? null,
      definitionId,
      period: period === 'annual' ? 'yearly' : period,
      startsOn: startsOn!,
      endsOn: endsOn!,
      target: toPlain(target),
    }
  }
  return {
    ofClinic: async (clinic, where = {}) => {
      const known = clinics.flatMap(({ legacyIds }) => legacyIds)
      const rows = await legacy.goal.findMany({
        where: {
          AND: [
            {
              OR: [
                { clinicId: { in: [...clinic.legacyIds] } },
                {
                  AND: [
                    { OR: [{ clinicId: null }, { clinicId: { notIn: known } }] },
                    { provider: { clinicId: { in: [...clinic.legacyIds] } } },
                  ],
                },
              ],
            },
            where,
          ],
        },
      })
      return rows
        .flatMap((row) => goalOf(row) ?? [])
        .filter(({ clinicId }) => clinicId === clinic.id)
        .sort((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1))
    },
  }
}

/** What lists of goals are ordered by. */
export function orderOf({ startsOn, endsOn }: Pick<Goal, 'startsOn' | 'endsOn'>): string {
  return `${endsOn} ${startsOn}`
}

/** The values that count for a goal, of those of its clinic. A goal without a provider counts values without one. */
export function valuesOf(goal: Goal, values: readonly Value[]): Value[] {
  return values.filter(
    ({ definitionId, providerId, day }) =>
      definitionId === goal.definitionId &&
      providerId === goal.providerId &&
      day >= goal.startsOn &&
      day <= goal.endsOn,
  )
}

/** How far a goal is: what has come together, and the hundredths of its target, from 0 to 100, with two decimals. */
export function progressOf({ target }: Pick<Goal, 'target'>, values: readonly Value[]) {
  return progress(sumOf(values), target)
}

/** The same from the sum, a plain number. */
export function progress(current: string, target: string): { readonly current: string; readonly percentage: string } {
  const [sum, whole] = [fromPlain(current), fromPlain(target)]
  const hundredths = whole <= 0n ? 0n : (sum * 10_000n) / whole
  const clamped = hundredths < 0n ? 0n : hundredths > 10_000n ? 10_000n : hundredths
  return { current, percentage: toPlain(clamped * 10_000n) }
}
