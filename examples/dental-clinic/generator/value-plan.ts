import type { Blueprint } from './blueprint.ts'
import { clinicNumbers } from './clinic-layout.ts'
import { metricValueId } from './ids.ts'
import { drawsFor } from './random.ts'
import { allotSlots, type Slot } from './slots.ts'
import { intArray, literal, work } from './sql-text.ts'
import { type ValueDefect, valueDefects } from './value-defects.ts'

/** The slot of a kind of which there is none. */
const noSlot = { first: 0, last: -1 }

/**
 * Plans every special row in `value_plan`; what it leaves null is drawn as for any other row.
 *
 * Kinds get runs of slots; slot s is row 1 + (start + s * step) mod rows, which scatters them over the table without a
 * collision, as the step is a prime that does not divide the number of rows.
 */
export function valuePlanStatements({ seed, foreignKeys, rows, clinics, ...blueprint }: Blueprint): string[] {
  const slots = allotSlots(
    0,
    [...blueprint.valueDefects].map(([name, count]) => ({ name, count })),
  )
  const slotByKind = new Map(slots.map((slot) => [slot.name, slot]))
  // Strict keys leave the slots of orphans to clean rows, so that all other rows stay what they are.
  const possible = valueDefects.filter((defect) => foreignKeys === 'loose' || !defect.needsLooseKeys)
  const pools = {
    european: clinicNumbers(clinics, (clinic) => clinic.numberLocale === 'eu'),
    'other than european': clinicNumbers(clinics, (clinic) => clinic.numberLocale !== 'eu'),
    'unknown locale': clinicNumbers(clinics, (clinic) => clinic.numberLocale === null),
    american: clinicNumbers(clinics, (clinic) => clinic.zone.startsWith('America/')),
  }
  const kinds = possible.map((defect) => kindRow(defect, slotByKind, pools))
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
      ${metricValueId(seed, 'special.number')} as id,
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
  defect: ValueDefect,
  slots: ReadonlyMap<string, Slot>,
  pools: Readonly<Record<NonNullable<ValueDefect['in']>, readonly number[]>>,
): string {
  const slot = slots.get(defect.kind) ?? noSlot
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
