import type { Row } from '../answer.ts'
import { readCrosswalk } from '../crosswalk.ts'
import { squished, wordOf } from '../people.ts'
import type { Questions } from '../probe.ts'
import type { Parameters } from '../question.ts'
import type { World } from '../world.ts'

const categories = ['financial', 'patient', 'appointment', 'provider', 'treatment'] as const
const dataTypes = ['currency', 'percentage', 'integer', 'decimal', 'date'] as const

interface Filter {
  readonly category?: (typeof categories)[number]
  readonly dataType?: (typeof dataTypes)[number]
  readonly isComposite?: boolean
}

interface OfCatalogue extends Parameters {
  readonly filter: Filter
}

const filters: readonly Filter[] = [
  {},
  ...categories.map((category) => ({ category })),
  ...dataTypes.map((dataType) => ({ dataType })),
  { isComposite: true },
  { isComposite: false },
  { category: 'financial', dataType: 'currency', isComposite: false },
]

/** The catalogue of metrics, by category and name: the same for all clinics. */
export async function metricDefinitions(world: World): Promise<Questions> {
  const crosswalk = await readCrosswalk(world.query, 'metric_definitions')
  const row = (id: string, name: string, category: string, dataType: string, formula: string | null): Row => ({
    key: `metric ${id}`,
    order: `${category} ${name}`,
    facts: { name, category, dataType, formula, isComposite: formula !== null },
  })
  const parameters = [undefined, ...world.chosen].flatMap((clinic) =>
    filters.map(
      (filter): OfCatalogue => ({
        about: Object.entries(filter).flat().join(' ') || 'all',
        ...(clinic && { clinicId: clinic.id }),
        filter,
      }),
    ),
  )
  return {
    questions: [
      {
        name: 'getMetricDefinitions',
        isShared: true,
        parameters,
        legacy: async ({ filter }: OfCatalogue) => {
          const found = await world.legacy.metricDefinition.findMany({
            where: { ...filter },
            orderBy: [{ category: 'asc' }, { name: 'asc' }],
          })
          return found
            .filter(({ id }) => crosswalk.isSurvivor(id))
            .map(({ id, name, category, dataType, calculationFormula }) =>
              row(
                crosswalk.idOf(id) ?? `of legacy ${id}`,
                squished(name),
                wordOf(category),
                wordOf(dataType),
                squished(calculationFormula ?? '') || null,
              ),
            )
        },
        app: async (db, { filter }: OfCatalogue) => {
          const found = await db.metricDefinition.findMany({ where: filter, orderBy: { name: 'asc' } })
          // An enum is ordered as it is declared, and the list by the categories' names: the application sorts it.
          return found
            .toSorted((a, b) => (a.category === b.category ? 0 : a.category < b.category ? -1 : 1))
            .map(({ id, name, category, dataType, formula }) => row(id, name, category, dataType, formula))
        },
      },
    ],
  }
}
