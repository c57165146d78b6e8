import { fromPlain, toPlain } from '../../../generator/amounts.ts'
import type { Row } from '../answer.ts'
import { readCrosswalk } from '../crosswalk.ts'
import type { Questions } from '../probe.ts'
import type { Parameters } from '../question.ts'
import { readValues, sumOf } from '../values.ts'
import type { Clinic, World } from '../world.ts'

interface OfMetric extends Parameters {
  readonly clinic: Clinic
  readonly definitionId: string
}

/** How many values a metric has in a clinic; sum, mean, smallest and largest of those that are numbers. */
export async function metricStatistics(world: World): Promise<Questions> {
  const values = await readValues(world)
  const catalogue = await readCrosswalk(world.query, 'metric_definitions')
  const definitions = await world.legacy.metricDefinition.findMany({ orderBy: { id: 'asc' } })
  const row = (definitionId: string, facts: Row['facts']): Row => ({ key: `metric ${definitionId}`, facts })
  return {
    questions: [
      {
        name: 'getMetricStatistics',
        parameters: world.chosen.flatMap((clinic) =>
          definitions.map(({ id }): OfMetric => {
            const definitionId = catalogue.idOf(id) ?? `of legacy ${id}`
            return { about: `metric ${definitionId}, clinic ${clinic.id}`, clinicId: clinic.id, clinic, definitionId }
          }),
        ),
        legacy: async ({ clinic, definitionId }: OfMetric) => {
          const found = (await values.ofClinic(clinic)).filter((value) => value.definitionId === definitionId)
          if (found.length === 0) return []
          const amounts = found.flatMap(({ amount }) => (amount === null ? [] : [fromPlain(amount)]))
          const extreme = (better: (a: bigint, b: bigint) => boolean) =>
            amounts.length === 0 ? null : toPlain(amounts.reduce((a, b) => (better(a, b) ? a : b)))
          return [
            row(definitionId, {
              // The application counted texts that are no numbers, too: they are set aside now, and not counted.
              count: found.length,
              sum: amounts.length === 0 ? null : sumOf(found),
              average: amounts.length === 0 ? null : meanOf(sumOf(found), amounts.length),
              min: extreme((a, b) => a < b),
              max: extreme((a, b) => a > b),
            }),
          ]
        },
        app: async (db, { clinic, definitionId }: OfMetric) => {
          const { _count, _sum, _min, _max } = await db.metricValue.aggregate({
            where: { clinicId: clinic.id, metricDefinitionId: definitionId },
            _count: { _all: true, value: true },
            _sum: { value: true },
            _min: { value: true },
            _max: { value: true },
          })
          if (_count._all === 0) return []
          const sum = _sum.value?.toFixed() ?? null
          return [
            row(definitionId, {
              count: _count._all,
              sum,
              average: sum === null ? null : meanOf(sum, _count.value),
              min: _min.value?.toFixed() ?? null,
              max: _max.value?.toFixed() ?? null,
            }),
          ]
        },
      },
    ],
  }
}

/** The mean to a millionth, cut and not rounded; `sum` is a plain number. */
export function meanOf(sum: string, count: number): string {
  return toPlain(fromPlain(sum) / BigInt(count))
}
