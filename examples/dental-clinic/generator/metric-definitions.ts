import type { Blueprint } from './blueprint.ts'
import { legacyId } from './ids.ts'
import { drawsFor } from './random.ts'
import { literal, work } from './sql-text.ts'

/** How the values of a definition are distributed. */
export type Shape = 'production' | 'amount' | 'reduction' | 'balance' | 'percentage' | 'count' | 'hours' | 'date'

interface DefinitionPlan {
  readonly name: string
  readonly dataType: 'currency' | 'percentage' | 'integer' | 'decimal' | 'date'
  readonly category: 'financial' | 'patient' | 'appointment' | 'provider' | 'treatment'
  readonly shape: Shape
  /** Whether a value belongs to one provider of the clinic or to the clinic as a whole. */
  readonly level: 'provider' | 'clinic'
  /** How often it occurs beside the others. */
  readonly weight: number
  readonly formula?: string
}

/** The catalogue; a definition's number is its place in it, from 1. */
export const definitions: readonly DefinitionPlan[] = [
  {
    name: 'Gross Production',
    dataType: 'currency',
    category: 'financial',
    shape: 'production',
    level: 'provider',
    weight: 5,
  },
  {
    name: 'Net Production',
    dataType: 'currency',
    category: 'financial',
    shape: 'production',
    level: 'provider',
    weight: 4,
    formula: 'gross_production + adjustments + write_offs',
  },
  {
    name: 'Hygiene Production',
    dataType: 'currency',
    category: 'financial',
    shape: 'production',
    level: 'provider',
    weight: 3,
  },
  {
    name: 'Dentist Production',
    dataType: 'currency',
    category: 'financial',
    shape: 'production',
    level: 'provider',
    weight: 3,
  },
  {
    name: 'Total Collections',
    dataType: 'currency',
    category: 'financial',
    shape: 'amount',
    level: 'clinic',
    weight: 2,
  },
  { name: 'Adjustments', dataType: 'currency', category: 'financial', shape: 'reduction', level: 'clinic', weight: 1 },
  { name: 'Write Offs', dataType: 'currency', category: 'financial', shape: 'reduction', level: 'clinic', weight: 1 },
  {
    name: 'Accounts Receivable',
    dataType: 'currency',
    category: 'financial',
    shape: 'balance',
    level: 'clinic',
    weight: 1,
  },
  {
    name: 'Collection Rate',
    dataType: 'percentage',
    category: 'financial',
    shape: 'percentage',
    level: 'clinic',
    weight: 1,
    formula: 'total_collections / net_production * 100',
  },
  { name: 'New Patients', dataType: 'integer', category: 'patient', shape: 'count', level: 'clinic', weight: 2 },
  { name: 'Active Patients', dataType: 'integer', category: 'patient', shape: 'count', level: 'clinic', weight: 1 },
  {
    name: 'Patient Retention Rate',
    dataType: 'percentage',
    category: 'patient',
    shape: 'percentage',
    level: 'clinic',
    weight: 1,
  },
  { name: 'Last Recall Mailing', dataType: 'date', category: 'patient', shape: 'date', level: 'clinic', weight: 1 },
  {
    name: 'Appointments Scheduled',
    dataType: 'integer',
    category: 'appointment',
    shape: 'count',
    level: 'provider',
    weight: 2,
  },
  {
    name: 'Appointments Completed',
    dataType: 'integer',
    category: 'appointment',
    shape: 'count',
    level: 'provider',
    weight: 2,
  },
  { name: 'No Show Count', dataType: 'integer', category: 'appointment', shape: 'count', level: 'provider', weight: 1 },
  {
    name: 'Schedule Utilization',
    dataType: 'percentage',
    category: 'provider',
    shape: 'percentage',
    level: 'provider',
    weight: 2,
  },
  { name: 'Hours Worked', dataType: 'decimal', category: 'provider', shape: 'hours', level: 'provider', weight: 1 },
  {
    name: 'Treatment Acceptance Rate',
    dataType: 'percentage',
    category: 'treatment',
    shape: 'percentage',
    level: 'provider',
    weight: 2,
  },
  { name: 'Crowns Placed', dataType: 'integer', category: 'treatment', shape: 'count', level: 'provider', weight: 1 },
]

/** The numbers of the definitions whose values are dates. */
export const dateDefinitions: readonly number[] = definitions.flatMap(({ dataType }, index) =>
  dataType === 'date' ? [index + 1] : [],
)

/** The numbers of the definitions that a rule selects, each as often as its weight says. */
export function definitionPool(chosen: (definition: DefinitionPlan) => boolean): number[] {
  return definitions.flatMap((definition, index) =>
    chosen(definition) ? Array<number>(definition.weight).fill(index + 1) : [],
  )
}

export function metricDefinitionStatements({ seed }: Blueprint): string[] {
  const draws = drawsFor(seed, 'metric_definitions', 'number')
  const catalogue = definitions
    .map(({ name, dataType, category, shape, level, formula }, index) => {
      const texts = [name, dataType, category, shape, level].map(literal).join(', ')
      return `(${index + 1}, ${texts}, ${formula === undefined ? 'null' : literal(formula)})`
    })
    .join(',\n      ')
  return [
    `create unlogged table ${work}.definitions as
    select
      catalogue.*,
      ${legacyId(seed, 'metric_definitions', 'number')} as id
    from (values
      ${catalogue}
    ) as catalogue (number, name, data_type, category, shape, level, formula)`,
    `analyze ${work}.definitions`,

    `insert into legacy.metric_definitions
      (id, name, description, data_type, calculation_formula, category, is_composite, created_at, updated_at)
    select
      id,
      name,
      name || ' of one ' || level || ' on one day',
      data_type,
      formula,
      category,
      formula is not null,
      created_at,
      created_at + ${draws.below('updated_at', 100)} * interval '1 hour'
    from ${work}.definitions
    cross join lateral (
      select timestamp '2021-01-02 09:00' + ${draws.below('created_at', 86_400)} * interval '1 second' as created_at
    ) as drawn`,
  ]
}
