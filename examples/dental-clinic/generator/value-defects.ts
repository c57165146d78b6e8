import type { Blueprint } from './blueprint.ts'
import { clinicNumbers } from './clinic-layout.ts'
import { definitionPool } from './metric-definitions.ts'
import { drawsFor } from './random.ts'
import { type Scale, scaledCount } from './scale.ts'
import { allotSlots, type Slot } from './slots.ts'
import { intArray, literal, work } from './sql-text.ts'

/** V01 … V26. */
export type ValueCode = `V${string}`

/** What becomes of a row: one of these words, then the migration's code, if the outcome has one. */
export type ValueOutcome = 'loaded' | 'merged' | `corrected ${string}` | `noted ${string}` | `quarantined ${string}`

interface DefectPlan {
  /** Its own name in the generator; a code may have several kinds, and originals have no code. */
  readonly kind: string
  readonly code: ValueCode | null
  readonly countAtS: number
  readonly outcome: ValueOutcome
  /** Which definitions, which clinics, from a sheet or a form: where nothing is said, as for any other row. */
  readonly of?: readonly number[]
  readonly in?: 'european' | 'other than european' | 'unknown locale' | 'american'
  readonly from?: 'sheet' | 'form'
  /** Another kind, whose rows these repeat one by one. */
  readonly repeats?: string
  /** A validated foreign key makes it impossible. */
  readonly needsLooseKeys?: true
}

const currency = definitionPool((definition) => definition.dataType === 'currency')
const percentage = definitionPool((definition) => definition.dataType === 'percentage')
const numeric = definitionPool((definition) => definition.dataType !== 'date')
const summed = definitionPool(({ dataType }) => dataType === 'currency' || dataType === 'integer')
const counted = definitionPool((definition) => definition.dataType === 'integer')
const ofProviders = definitionPool(({ level, dataType }) => level === 'provider' && dataType !== 'date')
const ofClinics = definitionPool(({ level, dataType }) => level === 'clinic' && dataType !== 'date')

/**
 * The injected defects of metric_values. Their rows are disjoint.
 *
 * - Formatted numbers stay out of European sheets, except those that are European themselves.
 * - V10 is kept to counts: an infinite amount would make the legacy application's own sums infinite.
 * - V17 and V18 get clinic and provider from the pairs in foreign-providers.ts.
 */
export const valueDefects: readonly DefectPlan[] = [
  { kind: 'V01', code: 'V01', countAtS: 400, outcome: 'corrected number-format', of: currency, in: 'other than european' },
  { kind: 'V02', code: 'V02', countAtS: 300, outcome: 'corrected number-format', of: currency, in: 'other than european' },
  { kind: 'V03', code: 'V03', countAtS: 200, outcome: 'corrected number-format', of: percentage, in: 'other than european' },
  { kind: 'V04', code: 'V04', countAtS: 80, outcome: 'corrected number-format', of: currency, in: 'other than european' },
  { kind: 'V05', code: 'V05', countAtS: 40, outcome: 'corrected number-format', of: currency, in: 'other than european' },
  { kind: 'V06', code: 'V06', countAtS: 60, outcome: 'corrected number-format', of: numeric, in: 'other than european' },
  { kind: 'V07', code: 'V07', countAtS: 50, outcome: 'corrected number-format', of: currency, in: 'european', from: 'sheet' },
  {
    kind: 'V08-sheet',
    code: 'V08',
    countAtS: 10,
    outcome: 'quarantined ambiguous-number',
    of: summed,
    in: 'unknown locale',
    from: 'sheet',
  },
  { kind: 'V08-form', code: 'V08', countAtS: 10, outcome: 'quarantined ambiguous-number', of: summed, from: 'form' },
  { kind: 'V09', code: 'V09', countAtS: 70, outcome: 'quarantined not-a-number', of: numeric },
  { kind: 'V10', code: 'V10', countAtS: 6, outcome: 'quarantined not-a-number', of: counted },
  { kind: 'V11-original', code: null, countAtS: 90, outcome: 'merged', of: summed, from: 'sheet' },
  { kind: 'V11', code: 'V11', countAtS: 90, outcome: 'merged', repeats: 'V11-original' },
  { kind: 'V12-original', code: null, countAtS: 40, outcome: 'merged', of: summed, from: 'sheet' },
  { kind: 'V12', code: 'V12', countAtS: 40, outcome: 'merged', repeats: 'V12-original' },
  { kind: 'V13-original', code: null, countAtS: 30, outcome: 'loaded', of: numeric, from: 'form' },
  { kind: 'V13', code: 'V13', countAtS: 30, outcome: 'loaded', repeats: 'V13-original' },
  { kind: 'V14', code: 'V14', countAtS: 120, outcome: 'corrected derived-clinic', of: ofProviders },
  { kind: 'V15', code: 'V15', countAtS: 30, outcome: 'corrected derived-clinic', of: ofClinics, from: 'sheet' },
  { kind: 'V16', code: 'V16', countAtS: 15, outcome: 'quarantined no-clinic', of: ofClinics, from: 'form' },
  { kind: 'V17', code: 'V17', countAtS: 40, outcome: 'corrected twin-provider', of: ofProviders },
  { kind: 'V18', code: 'V18', countAtS: 10, outcome: 'corrected cloned-provider', of: ofProviders },
  {
    kind: 'V19',
    code: 'V19',
    countAtS: 12,
    outcome: 'quarantined no-clinic',
    of: ofClinics,
    from: 'form',
    needsLooseKeys: true,
  },
  { kind: 'V20', code: 'V20', countAtS: 12, outcome: 'corrected orphan-provider', of: ofProviders, needsLooseKeys: true },
  { kind: 'V21', code: 'V21', countAtS: 12, outcome: 'quarantined orphan-definition', of: currency, needsLooseKeys: true },
  {
    kind: 'V22',
    code: 'V22',
    countAtS: 12,
    outcome: 'corrected orphan-source',
    of: numeric,
    from: 'sheet',
    needsLooseKeys: true,
  },
  { kind: 'V23', code: 'V23', countAtS: 25, outcome: 'quarantined future-date' },
  { kind: 'V24', code: 'V24', countAtS: 20, outcome: 'quarantined implausible-date' },
  { kind: 'V25', code: 'V25', countAtS: 60, outcome: 'loaded' },
  { kind: 'V25-unknown', code: 'V25', countAtS: 10, outcome: 'corrected unknown-source' },
  { kind: 'V26', code: 'V26', countAtS: 20, outcome: 'noted local-month', in: 'american' },
]

/** How many rows of a kind there are. */
export function valueDefectCount(defect: DefectPlan, scale: Scale, foreignKeys: 'strict' | 'loose'): number {
  return defect.needsLooseKeys && foreignKeys === 'strict' ? 0 : scaledCount(defect.countAtS, 'metric_values', scale)
}

/**
 * Plans every special row: `value_plan (number, kind, code, outcome, place, original, clinic, definition, from_sheet,
 * foreign_provider)`. Kinds get runs of slots; slot s is row 1 + (start + s * step) mod rows, which scatters them over
 * the table without a collision, as the step is a prime that does not divide the number of rows.
 */
export function valuePlanStatements({ scale, seed, foreignKeys, rows, clinics }: Blueprint): string[] {
  const slots = allotSlots(
    0,
    valueDefects.map((defect) => ({ name: defect.kind, count: valueDefectCount(defect, scale, foreignKeys) })),
  )
  const slotByKind = new Map(slots.map((slot) => [slot.name, slot]))
  const pools = {
    european: clinicNumbers(clinics, (clinic) => clinic.numberLocale === 'eu'),
    'other than european': clinicNumbers(clinics, (clinic) => clinic.numberLocale !== 'eu'),
    'unknown locale': clinicNumbers(clinics, (clinic) => clinic.numberLocale === null),
    american: clinicNumbers(clinics, (clinic) => clinic.zone.startsWith('America/')),
  }
  const kinds = valueDefects.flatMap((defect) => {
    const slot = slotByKind.get(defect.kind)
    return slot === undefined ? [] : [kindRow(defect, slot, slotByKind, pools)]
  })
  const draws = drawsFor(seed, 'value_plan', 'special.number')
  const start = drawsFor(seed, 'value_plan', '0').below('start', rows.metric_values)
  const row = (slot: string) => `1 + (${start} + (${slot}) * 7368787::bigint) % ${rows.metric_values}`
  return [
    `create unlogged table ${work}.value_plan as
    with kind_plan (kind, code, outcome, first, last, original_first, of, clinics, from_sheet) as (
      values
        ${kinds.join(',\n        ')}
    ),
    special as (
      select
        kind_plan.*,
        slot - first + 1 as place,
        ${row('slot')} as number,
        ${row('slot - first + original_first')} as original
      from kind_plan
      cross join generate_series(first, last) as slot
    )
    select
      special.number,
      special.kind,
      special.code,
      special.outcome,
      special.place,
      special.original,
      coalesce(pair.clinic, special.clinics[1 + ${draws.below('clinic', 'cardinality(special.clinics)')}]) as clinic,
      special.of[1 + ${draws.below('definition', 'cardinality(special.of)')}] as definition,
      special.from_sheet,
      pair.provider_id as foreign_provider
    from special
    left join (
      select kind, count(*) as pairs
      from ${work}.foreign_providers
      group by kind
    ) as supply on supply.kind = special.kind
    left join ${work}.foreign_providers as pair
      on pair.kind = special.kind
      and pair.place = 1 + ${draws.below('pair', 'supply.pairs')}`,
    `analyze ${work}.value_plan`,
  ]
}

function kindRow(
  defect: DefectPlan,
  slot: Slot,
  slots: ReadonlyMap<string, Slot>,
  pools: Readonly<Record<NonNullable<DefectPlan['in']>, readonly number[]>>,
): string {
  const original = defect.repeats === undefined ? undefined : slots.get(defect.repeats)
  const columns = [
    literal(defect.kind),
    defect.code === null ? 'null' : literal(defect.code),
    literal(defect.outcome),
    slot.first,
    slot.last,
    original === undefined ? 'null::int' : original.first,
    defect.of === undefined ? 'null::int[]' : intArray(defect.of),
    defect.in === undefined ? 'null::int[]' : intArray(pools[defect.in]),
    defect.from === undefined ? 'null::boolean' : defect.from === 'sheet',
  ]
  return `(${columns.join(', ')})`
}
