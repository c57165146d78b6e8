import type { Goal as AppGoal, Prisma } from '../../../prisma/generated/app/client.ts'
import type { Prisma as LegacyPrisma } from '../../../prisma/generated/legacy/client.ts'
import type { Row } from '../answer.ts'
import { few } from '../bounds.ts'
import type { AppReader } from '../clients.ts'
import { readCrosswalk } from '../crosswalk.ts'
import { dateOf, isoDay } from '../day.ts'
import { type Goal, orderOf, progress, progressOf, readGoals, valuesOf } from '../goals.ts'
import type { Questions } from '../probe.ts'
import { readProviders } from '../providers.ts'
import type { Parameters } from '../question.ts'
import { toValue, valueRow } from '../value-row.ts'
import { readValues } from '../values.ts'
import type { Clinic, World } from '../world.ts'

const periods = ['daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const

/** Goals and providers that are asked for one by one, at most. */
const goalsAtMost = 300
const providersAtMost = 60

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
  const definitions = await definitionsOf(world)
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

const latestFirst: Prisma.GoalOrderByWithRelationInput[] = [{ endsOn: 'desc' }, { startsOn: 'desc' }]

/** A null provider is asked for as such: only values without one count. */
function valuesThatCount({ clinicId, definitionId, providerId, startsOn, endsOn }: Goal): Prisma.MetricValueWhereInput {
  return {
    clinicId,
    metricDefinitionId: definitionId,
    providerId,
    metricDate: { gte: dateOf(startsOn), lte: dateOf(endsOn) },
  }
}

async function readProgress(db: AppReader, goal: Goal) {
  const { _sum } = await db.metricValue.aggregate({ where: valuesThatCount(goal), _sum: { value: true } })
  return progress(_sum.value?.toFixed() ?? '0', goal.target)
}

function goalRow(goal: Goal, progress?: { readonly current: string; readonly percentage: string } | false): Row {
  const { id, definitionId, providerId, period, target } = goal
  return {
    key: `goal ${id}`,
    order: orderOf(goal),
    facts: { definitionId, providerId, period, target, ...(progress || {}) },
  }
}

function toGoal(row: AppGoal): Goal {
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

interface OfGoal extends Parameters {
  readonly clinic: Clinic
  readonly goal: Goal
}

/** One goal, how far it is, and the values that count for it, the oldest first. */
export async function goalById(world: World): Promise<Questions> {
  const expected = await readGoals(world)
  const values = await readValues(world)
  const all: OfGoal[] = []
  for (const clinic of world.chosen) {
    for (const goal of await expected.ofClinic(clinic)) {
      all.push({ about: `goal ${goal.id}, clinic ${clinic.id}`, clinicId: clinic.id, clinic, goal })
    }
  }
  const { some, notAsked } = few('goals', all, goalsAtMost)
  return {
    questions: [
      {
        name: 'getGoalById',
        parameters: some,
        legacy: async ({ clinic, goal }: OfGoal) => {
          const counting = valuesOf(goal, await values.ofClinic(clinic))
          const history = counting.toSorted((a, b) => (a.day === b.day ? 0 : a.day < b.day ? -1 : 1))
          return [
            { ...goalRow(goal, progressOf(goal, counting)), order: '' },
            ...history.map((value) => valueRow(value, value.day)),
          ]
        },
        app: async (db, { goal: { id } }: OfGoal) => {
          const row = await db.goal.findUnique({ where: { id } })
          if (row === null) return []
          const goal = toGoal(row)
          const history = await db.metricValue.findMany({
            where: valuesThatCount(goal),
            orderBy: { metricDate: 'asc' },
          })
          return [
            { ...goalRow(goal, await readProgress(db, goal)), order: '' },
            ...history.map(toValue).map((value) => valueRow(value, value.day)),
          ]
        },
      },
    ],
    notAsked,
  }
}

interface OfTemplate extends Parameters {
  readonly clinic: Clinic
  readonly definitionId: string
  readonly period: (typeof periods)[number]
}

/** The goals that a template stands for: those of its metric and period. The legacy data has no templates, nor has the new. */
export async function goalsByTemplate(world: World): Promise<Questions> {
  const expected = await readGoals(world)
  const definitions = await definitionsOf(world)
  const parameters = world.chosen.flatMap((clinic) =>
    definitions.all.flatMap((definitionId) =>
      (['monthly', 'weekly'] as const).map((period): OfTemplate => {
        const about = `metric ${definitionId}, ${period}, clinic ${clinic.id}`
        return { about, clinicId: clinic.id, clinic, definitionId, period }
      }),
    ),
  )
  return {
    questions: [
      {
        name: 'getGoalsByTemplate',
        parameters,
        legacy: async ({ clinic, definitionId, period }: OfTemplate) => {
          const where = { metricDefinitionId: { in: definitions.legacyIds(definitionId) }, timePeriod: period }
          return (await expected.ofClinic(clinic, where)).map((goal) => goalRow(goal))
        },
        app: async (db, { clinic, definitionId, period }: OfTemplate) => {
          const template = { metricDefinitionId: definitionId, period }
          const templates = await db.goalTemplate.findMany({ where: template })
          const found = await db.goal.findMany({ where: { clinicId: clinic.id, ...template }, orderBy: latestFirst })
          return [
            ...templates.map(({ id }): Row => ({ key: `template ${id}`, order: '', facts: {} })),
            ...found.map((row) => goalRow(toGoal(row))),
          ]
        },
      },
    ],
  }
}

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
          const where: LegacyPrisma.GoalWhereInput = { providerId: { not: null } }
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

/** The metrics, as they are now, and what each of them was before. */
async function definitionsOf({ legacy, query }: World) {
  const crosswalk = await readCrosswalk(query, 'metric_definitions')
  const rows = await legacy.metricDefinition.findMany({ orderBy: { id: 'asc' } })
  const before = Map.groupBy(rows, ({ id }) => crosswalk.idOf(id) ?? `of legacy ${id}`)
  return {
    all: [...before.keys()],
    legacyIds: (definitionId: string) => (before.get(definitionId) ?? []).map(({ id }) => id),
  }
}
