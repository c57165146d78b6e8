import {
  blankToNull,
  type bool,
  businessDate,
  correctedWhen,
  cutover,
  type date,
  decimal,
  firstRef,
  instant,
  isoDate,
  lookup,
  newest,
  noteWhen,
  type numeric,
  oneOf,
  quarantineWhen,
  ref,
  sql,
  type text,
  trim,
  type uuid,
} from 'drover'
import type { PublicValueQuality } from '../app.types.ts'
import { idOf, m, stamps } from './base.ts'
import { clinics } from './clinics.ts'
import { metricDefinitions } from './definitions.ts'
import { connectionSheets } from './spreadsheets.ts'
import { providerWithin } from './stand-ins.ts'

/** The fact table. Its natural key is looked for over the new values, among rows that came with an external id. */
export const metricValues = m.map('metric_values', {
  from: (db) =>
    db
      .selectFrom('legacy.metric_values as v')
      .leftJoin('legacy.providers as p', 'p.id', 'v.provider_id')
      .leftJoin('legacy.data_sources as d', 'd.id', 'v.data_source_id')
      .leftJoin('legacy.metric_definitions as n', 'n.id', 'v.metric_definition_id')
      .leftJoin('migration_input.source as i', 'i.legacy_id', 'v.data_source_id'),
  key: ({ v }) => v.id,
  identity: (_, to) => ({
    by: [to.clinic_id, to.metric_definition_id, to.metric_date, to.provider_id, to.sheet_id, to.external_id],
    when: sql`${to.external_id} is not null`,
  }),
  survivor: ({ v }) => newest(v.updated_at),
  to: 'public.metric_values',
  columns: ({ v, p, d, i }) => {
    // Whose value it is: the row says so, or the provider's clinic, or that of the source.
    const clinic = firstRef(ref(v.clinic_id, clinics), ref(p.clinic_id, clinics), ref(d.clinic_id, clinics))
      .derivedAs('derived-clinic')
      .orQuarantine('no-clinic')

    const ownClinicIsKnown = sql<bool>`${ref(v.clinic_id, clinics).disposition} in ('loaded', 'merged', 'matched')`

    const { provider, isForeign } = providerWithin(clinic, v.provider_id)

    const sheet = ref(v.data_source_id, connectionSheets).orNull('orphan-source')
    const isForeignSheet = sql<bool>`coalesce(${lookup(sheet, connectionSheets, 'clinic_id')} <> ${clinic}, false)`

    const definition = ref(v.metric_definition_id, metricDefinitions).orQuarantine('orphan-definition')
    const type = lookup(definition, metricDefinitions, 'data_type')
    const isDate = sql<bool>`${type} = 'date'`

    const day = businessDate(v.date, { zone: sql<text>`${lookup(clinic, clinics, 'timezone')}` }).orQuarantine(
      'implausible-date',
    )
    const isFuture = sql`${day} > (${cutover()} at time zone 'UTC')::date + 7`
    // The sheets' empty dates arrive as the first of January 2001.
    const isImplausible = sql`${day} < date '1990-01-01' or ${day} = date '2001-01-01'`
    const otherMonth = sql`date_trunc('month', ${v.date}) <> date_trunc('month', ${day}::timestamp)`

    const amount = decimal(sql<text | null>`case when not ${isDate} then ${v.value} end`, {
      locale: i.number_locale,
      bareFactor: sql`case when ${type} = 'percentage' then coalesce(${i.percent_scale}, 1) else 1 end`,
    }).orQuarantine()
    // A rate such as 0.3468 may be 34.68 points or a third of one: kept as it is written.
    const isBareFraction = sql`${type} = 'percentage' and ${amount} > 0 and ${amount} <= 1.5 and position('%' in ${v.value}) = 0`
    const hasDecimals = sql`${type} = 'integer' and ${amount} <> trunc(${amount})`

    const isPlain = sql`btrim(${v.value}) ~ '^-?[0-9]+([.][0-9]+)?$' or ${isDate}`
    return {
      id: idOf('metric_values', v.id),
      clinic_id: clinic,
      provider_id: provider,
      metric_definition_id: definition,
      metric_date: noteWhen(
        quarantineWhen(quarantineWhen(day, 'future-date', isFuture), 'implausible-date', isImplausible),
        'local-month',
        otherMonth,
      ),
      observed_at: instant(v.date, { zone: 'UTC' }).orQuarantine('implausible-date'),
      value: noteWhen(noteWhen(amount, 'bare-fraction', isBareFraction), 'decimals-of-integer', hasDecimals),
      value_date: isoDate(sql<text | null>`case when ${isDate} then ${trim(v.value)} end`).orQuarantine(),
      source: oneOf(v.source_type, ['spreadsheet', 'form', 'manual']).orElse('manual', 'unknown-source'),
      source_sheet: blankToNull(trim(v.source_sheet)),
      external_id: blankToNull(trim(v.external_id)),
      sheet_id: correctedWhen(
        sql<uuid | null>`case when not ${isForeignSheet} then ${sheet} end`,
        'foreign-source',
        isForeignSheet,
        v.data_source_id,
      ),
      quality: sql<PublicValueQuality>`case
        when ${ownClinicIsKnown} is not true or ${isForeign} then 'derived'
        when not (${isPlain}) then 'normalised'
        else 'exact'
      end`,
      ...stamps(v),
    }
  },
  // What a practice looks at first: production, by clinic and month.
  totals: ({ v, n, i }, to) => {
    const isProduction = sql`${n.name} ilike '%production' and btrim(${n.data_type}) ilike 'currency'`
    const isProductionNow = sql`${to.metric_definition_id} in (
      select definition.id
      from ${sql.table('public.metric_definitions')} as definition
      where definition.name ilike '%production' and definition.data_type = 'currency'
    )`
    return {
      production: {
        source: decimal(sql<text | null>`case when ${isProduction} then ${v.value} end`, {
          locale: i.number_locale,
        }).orNull(),
        target: sql<numeric | null>`case when ${isProductionNow} then ${to.value} end`,
        by: [to.clinic_id, sql<date>`date_trunc('month', ${to.metric_date}::timestamp)::date`],
      },
    }
  },
})
