import { fromPlain, type Micros, toPlain } from '../../../generator/amounts.ts'
import type { Row } from '../answer.ts'
import type { AppReader } from '../clients.ts'
import { readCrosswalk } from '../crosswalk.ts'
import { dateOf, daysFrom, isoDay } from '../day.ts'
import { wordOf } from '../people.ts'
import type { Questions } from '../probe.ts'
import type { Parameters } from '../question.ts'
import { readValues } from '../values.ts'
import type { Clinic, World } from '../world.ts'
import { meanOf } from './metric-statistics.ts'

const granularities = ['daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const

type Granularity = (typeof granularities)[number]

/** The first day of the period that an ISO date is in. Weeks begin on Sunday. */
const firstDay: Readonly<Record<Granularity, (day: string) => string>> = {
  daily: (day) => day,
  weekly: (day) => daysFrom(day, -dateOf(day).getUTCDay()),
  monthly: (day) => `${day.slice(0, 7)}-01`,
  quarterly: (day) => {
    const month = Number(day.slice(5, 7))
    return `${day.slice(0, 4)}-${String(month - ((month - 1) % 3)).padStart(2, '0')}-01`
  },
  yearly: (day) => `${day.slice(0, 4)}-01-01`,
}

interface OfPeriods extends Parameters {
  readonly clinic: Clinic
  readonly granularity: Granularity
  /** Periods that begin in these days, inclusive. */
  readonly from: string
  readonly to: string
  /** Nothing is stored: the application groups the values themselves. */
  readonly isLive: boolean
}

/** Not all days that there are: a year of them is tens of thousands of totals. */
const ranges: Readonly<Record<Granularity, readonly [from: string, to: string]>> = {
  daily: ['2024-12-20', '2025-01-20'],
  weekly: ['2024-10-01', '2025-01-31'],
  monthly: ['2024-05-01', '2025-06-30'],
  quarterly: ['2024-07-01', '2025-06-30'],
  yearly: ['2023-01-01', '2024-12-31'],
}

/** Totals by period, of the clinic and of each provider: as they are stored, and as grouping the values gives them. */
export async function aggregatedMetrics(world: World): Promise<Questions> {
  const values = await readValues(world)
  const catalogue = await readCrosswalk(world.query, 'metric_definitions')
  const definitions = await world.legacy.metricDefinition.findMany()
  const dates = definitions.flatMap(({ id, dataType }) => (wordOf(dataType) === 'date' ? [catalogue.idOf(id)!] : []))
  const parameters = world.chosen.flatMap((clinic) =>
    granularities.flatMap((granularity) =>
      [false, true].map((isLive): OfPeriods => {
        const [from, to] = ranges[granularity]
        const about = `clinic ${clinic.id}, ${granularity}, ${isLive ? 'live' : 'stored'}, from ${from} to ${to}`
        return { about, clinicId: clinic.id, clinic, granularity, from, to, isLive }
      }),
    ),
  )
  return {
    questions: [
      {
        name: 'getAggregatedMetrics',
        parameters,
        legacy: async ({ clinic, granularity, from, to }: OfPeriods) => {
          const groups: Groups = new Map()
          for (const { definitionId, providerId, day, amount } of await values.ofClinic(clinic)) {
            const start = firstDay[granularity](day)
            if (amount === null || start < from || start > to) continue
            const number = fromPlain(amount)
            const total = { sum: number, count: 1, min: number, max: number }
            add(groups, [definitionId, start, 'clinic'], total)
            if (providerId !== null) add(groups, [definitionId, start, providerId], total)
          }
          return rowsOf(groups)
        },
        app: async (db, asked: OfPeriods) => {
          const groups: Groups = asked.isLive ? await groupLive(db, asked, dates) : await readStored(db, asked)
          return rowsOf(groups)
        },
      },
    ],
  }
}

async function readStored(db: AppReader, { clinic, granularity, from, to }: OfPeriods): Promise<Groups> {
  const found = await db.metricAggregation.findMany({
    where: { clinicId: clinic.id, granularity, periodStart: { gte: dateOf(from), lte: dateOf(to) } },
  })
  const groups: Groups = new Map()
  for (const { metricDefinitionId, periodStart, providerId, sum, n, min, max } of found) {
    add(groups, [metricDefinitionId, isoDay(periodStart), providerId ?? 'clinic'], {
      sum: fromPlain(sum.toFixed()),
      count: Number(n),
      min: fromPlain(min.toFixed()),
      max: fromPlain(max.toFixed()),
    })
  }
  return groups
}

async function groupLive(db: AppReader, asked: OfPeriods, dates: readonly string[]): Promise<Groups> {
  const { clinic, granularity, from, to } = asked
  const found = await db.metricValue.groupBy({
    by: ['metricDefinitionId', 'providerId', 'metricDate'],
    // The last period may end a year after it has begun.
    where: {
      clinicId: clinic.id,
      metricDate: { gte: dateOf(from), lte: dateOf(daysFrom(to, 366)) },
      metricDefinitionId: { notIn: [...dates] },
    },
    _sum: { value: true },
    _min: { value: true },
    _max: { value: true },
    _count: { value: true },
  })
  const groups: Groups = new Map()
  for (const { metricDefinitionId, providerId, metricDate, _sum, _count, _min, _max } of found) {
    const start = firstDay[granularity](isoDay(metricDate))
    if (start < from || start > to) continue
    const total = {
      sum: fromPlain(_sum.value!.toFixed()),
      count: _count.value,
      min: fromPlain(_min.value!.toFixed()),
      max: fromPlain(_max.value!.toFixed()),
    }
    add(groups, [metricDefinitionId, start, 'clinic'], total)
    if (providerId !== null) add(groups, [metricDefinitionId, start, providerId], total)
  }
  return groups
}

interface Total {
  readonly sum: Micros
  readonly count: number
  readonly min: Micros
  readonly max: Micros
}

/** By metric, first day, and provider or `clinic`. */
type Groups = Map<string, Total>

function add(groups: Groups, of: readonly [string, string, string], total: Total): void {
  const key = `metric ${of[0]} from ${of[1]} of ${of[2]}`
  const before = groups.get(key)
  groups.set(
    key,
    before === undefined
      ? total
      : {
          sum: before.sum + total.sum,
          count: before.count + total.count,
          min: before.min < total.min ? before.min : total.min,
          max: before.max > total.max ? before.max : total.max,
        },
  )
}

function rowsOf(groups: Groups): Row[] {
  return [...groups].map(([key, { sum, count, min, max }]): Row => {
    const average = meanOf(toPlain(sum), count)
    return { key, facts: { sum: toPlain(sum), count, min: toPlain(min), max: toPlain(max), average } }
  })
}
