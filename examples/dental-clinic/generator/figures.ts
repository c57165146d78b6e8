import { fromPlain, type Micros, readAsLegacy, readUnderPolicy, toPlain } from './amounts.ts'
import type { MappingOutcome } from './manifest.ts'
import type { Query } from './query.ts'
import { work } from './sql-text.ts'

/** An amount by surviving clinic (legacy id) and month (`2024-05`), as a plain decimal number. */
export type ClinicMonths = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * Production per clinic and month, over all currency definitions named production.
 *
 * For every clinic and month: appLegacy + all deltas = reference = what the target must hold.
 */
export interface Figures {
  /** Figure A: what the legacy application shows. It sums `parseFloat` of every text, by UTC month. */
  readonly appLegacy: ClinicMonths
  /** Figure B: recomputed from the raw text under the policies of the run, over the rows that are loaded. */
  readonly reference: ClinicMonths
  /** Why they differ, by code. */
  readonly deltas: Readonly<Record<string, ClinicMonths>>
}

/** Rows without a defect: both readings are the number that stands there. */
const cleanRows = `
  select survivor.id as clinic, to_char(value.date, 'YYYY-MM') as month, sum(value.value::numeric)::text as amount
  from legacy.metric_values as value
  join ${work}.definitions as definition on definition.id = value.metric_definition_id
  join ${work}.clinics as clinic on clinic.id = value.clinic_id
  join ${work}.clinics as survivor on survivor.number = clinic.survivor
  where definition.shape = 'production'
    and not exists (select from ${work}.value_plan as special where special.id = value.id)
  group by survivor.id, month`

/**
 * Rows with a defect: the clinic and month under which the legacy application shows them, and those under which they
 * belong. Midnight UTC is a date taken literally; any other time is one in the clinic's zone.
 */
const specialRows = `
  select
    value.id,
    coalesce(special.code, split_part(special.kind, '-', 1)) as code,
    value.value as text,
    shown.id as app_clinic,
    to_char(value.date, 'YYYY-MM') as app_month,
    owner.id as clinic,
    to_char(
      case
        when value.date = date_trunc('day', value.date) then value.date
        else value.date at time zone 'UTC' at time zone owner.zone
      end,
      'YYYY-MM'
    ) as month,
    settings.number_locale
  from ${work}.value_plan as special
  join legacy.metric_values as value on value.id = special.id
  join ${work}.definitions as definition on definition.id = value.metric_definition_id
  left join legacy.providers as provider on provider.id = value.provider_id
  left join legacy.data_sources as source on source.id = value.data_source_id
  left join migration_input.source as settings on settings.legacy_id = source.id
  left join ${work}.clinics as given on given.id = value.clinic_id
  left join ${work}.clinics as shown on shown.number = given.survivor
  left join ${work}.clinics as derived
    on derived.id = coalesce(given.id, provider.clinic_id, source.clinic_id)
  left join ${work}.clinics as owner on owner.number = derived.survivor
  where definition.shape = 'production'`

type Sums = Map<string, Map<string, Micros>>

export async function readFigures(query: Query, values: MappingOutcome): Promise<Figures> {
  const dropped = new Set([...Object.keys(values.mergedInto), ...Object.values(values.quarantinedBy).flat()])
  const appLegacy: Sums = new Map()
  const reference: Sums = new Map()
  const deltas = new Map<string, Sums>()

  for (const row of await query(cleanRows)) {
    const amount = fromPlain(String(row.amount))
    add(appLegacy, String(row.clinic), String(row.month), amount)
    add(reference, String(row.clinic), String(row.month), amount)
  }
  for (const row of await query(specialRows)) {
    const code = String(row.code)
    const text = String(row.text)
    const delta = deltas.get(code) ?? new Map()
    deltas.set(code, delta)
    const shown = readAsLegacy(text)
    if (row.app_clinic !== null && shown !== undefined) {
      add(appLegacy, String(row.app_clinic), String(row.app_month), shown)
      add(delta, String(row.app_clinic), String(row.app_month), -shown)
    }
    if (dropped.has(String(row.id))) continue
    const meant = readUnderPolicy(text, row.number_locale === null ? null : row.number_locale === 'eu')
    if (meant === undefined)
      throw new Error(`metric value ${String(row.id)} (${code}) is to be loaded but has no number`)
    add(reference, String(row.clinic), String(row.month), meant)
    add(delta, String(row.clinic), String(row.month), meant)
  }
  return {
    appLegacy: toRecord(appLegacy),
    reference: toRecord(reference),
    deltas: Object.fromEntries(
      [...deltas]
        .sort(byKey)
        .map(([code, sums]) => [code, toRecord(sums, 'without zeros')] as const)
        .filter(([, record]) => Object.keys(record).length > 0),
    ),
  }
}

function add(sums: Sums, clinic: string, month: string, amount: Micros): void {
  const months = sums.get(clinic) ?? new Map<string, Micros>()
  sums.set(clinic, months.set(month, (months.get(month) ?? 0n) + amount))
}

function toRecord(sums: Sums, zeros?: 'without zeros'): ClinicMonths {
  const clinics = [...sums].sort(byKey).map(([clinic, months]) => {
    const kept = [...months].filter(([, amount]) => zeros === undefined || amount !== 0n).sort(byKey)
    return [clinic, Object.fromEntries(kept.map(([month, amount]) => [month, toPlain(amount)]))] as const
  })
  return Object.fromEntries(clinics.filter(([, months]) => Object.keys(months).length > 0))
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : Number(left > right)
}
