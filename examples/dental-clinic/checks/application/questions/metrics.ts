import { fromPlain } from '../../../generator/amounts.ts'
import type { Prisma } from '../../../prisma/generated/app/client.ts'
import { readCrosswalk } from '../crosswalk.ts'
import { dateOf } from '../day.ts'
import type { Questions } from '../probe.ts'
import { readProviders } from '../providers.ts'
import type { Parameters } from '../question.ts'
import { newestFirst, toValue, valueRow } from '../value-row.ts'
import { readValues, type Value } from '../values.ts'
import type { Clinic, World } from '../world.ts'

/** ISO dates, both inclusive. */
interface Range {
  readonly from: string
  readonly to: string
}

/** A quarter, a leap day, the last month, all days that there are. */
const ranges: readonly Range[] = [
  { from: '2023-01-01', to: '2023-03-31' },
  { from: '2024-02-29', to: '2024-02-29' },
  { from: '2025-05-01', to: '2025-05-31' },
  { from: '2000-01-01', to: '2030-12-31' },
]

const everything = ranges.at(-1)!

type Order = 'date' | 'value' | 'createdAt'

interface Filter extends Range {
  readonly providerId?: string
  readonly definitionId?: string
  readonly source?: 'spreadsheet' | 'form' | 'manual'
}

interface OfValues extends Parameters {
  readonly clinic: Clinic
  readonly filter: Filter
  readonly by: Order
}

/** Rows that a list of values has at most. */
const valuesAtMost = 100

/** Lists of a clinic's values, with every filter that there is and in every order. */
export async function metrics(world: World): Promise<Questions> {
  const values = await readValues(world)
  const { own, clones } = await readProviders(world)
  const catalogue = await readCrosswalk(world.query, 'metric_definitions')
  const definitions = await world.legacy.metricDefinition.findMany({ orderBy: { id: 'asc' } })
  const parameters = world.chosen.flatMap((clinic) => {
    const given = (filter: Filter, by: Order = 'date'): OfValues => ({
      about: [`clinic ${clinic.id}`, ...Object.entries(filter).map((pair) => pair.join(' ')), `by ${by}`].join(', '),
      clinicId: clinic.id,
      clinic,
      filter,
      by,
    })
    return [
      ...ranges.map((range) => given(range)),
      ...[...own, ...clones]
        .filter(({ clinicId }) => clinicId === clinic.id)
        .map(({ id }) => given({ ...everything, providerId: id })),
      ...definitions.map(({ id, dataType }) =>
        given({ ...everything, definitionId: catalogue.idOf(id)! }, dataType === 'date' ? 'createdAt' : 'value'),
      ),
      ...(['spreadsheet', 'form', 'manual'] as const).map((source) => given({ ...everything, source }, 'createdAt')),
    ]
  })
  return {
    questions: [
      {
        name: 'getMetrics',
        limit: valuesAtMost,
        parameters,
        legacy: async ({ clinic, filter, by }: OfValues) => {
          const found = (await values.ofClinic(clinic)).filter(isMeant(filter))
          // Values were texts, ordered letter by letter; now they are numbers. That is meant to change.
          const sorted = by === 'value' ? found.toSorted(byAmount) : found.toSorted(newestFirst(orderBy[by]))
          return sorted.map((value) => valueRow(value, orderBy[by](value)))
        },
        app: async (db, { clinic, filter, by }: OfValues) => {
          const { from, to, providerId, definitionId, source } = filter
          const found = await db.metricValue.findMany({
            where: {
              clinicId: clinic.id,
              metricDate: { gte: dateOf(from), lte: dateOf(to) },
              ...(providerId && { providerId }),
              ...(definitionId && { metricDefinitionId: definitionId }),
              ...(source && { source }),
            },
            orderBy: columnOf[by],
            take: valuesAtMost,
          })
          return found.map(toValue).map((value) => valueRow(value, orderBy[by](value)))
        },
      },
    ],
  }
}

const columnOf: Readonly<Record<Order, Prisma.MetricValueOrderByWithRelationInput>> = {
  date: { metricDate: 'desc' },
  value: { value: 'desc' },
  createdAt: { createdAt: 'desc' },
}

const orderBy: Readonly<Record<Order, (value: Value) => string>> = {
  date: ({ day }) => day,
  value: ({ amount }) => amount ?? '',
  createdAt: ({ createdAt }) => createdAt.toISOString(),
}

function byAmount(a: Value, b: Value): number {
  const difference = fromPlain(b.amount ?? '0') - fromPlain(a.amount ?? '0')
  return difference === 0n ? 0 : difference > 0n ? 1 : -1
}

function isMeant({ from, to, providerId, definitionId, source }: Filter): (value: Value) => boolean {
  return (value) =>
    value.day >= from &&
    value.day <= to &&
    (providerId === undefined || value.providerId === providerId) &&
    (definitionId === undefined || value.definitionId === definitionId) &&
    (source === undefined || value.source === source)
}
