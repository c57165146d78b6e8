import type { Blueprint } from './blueprint.ts'
import { legacyId } from './ids.ts'
import { clinicNames, towns } from './names.ts'
import { drawsFor } from './random.ts'
import { intArray, literal, textArray, work } from './sql-text.ts'

/** Clinics and their settings. A duplicate is written in other letters and with blanks around, and is younger. */
export function clinicStatements({ seed, clinics }: Blueprint): string[] {
  const draws = drawsFor(seed, 'clinics', 'survivor')
  const plan = `unnest(
    ${intArray(clinics.map((clinic) => clinic.number))},
    ${intArray(clinics.map((clinic) => clinic.survivor))},
    ${textArray(clinics.map((clinic) => clinic.zone))},
    ${textArray(clinics.map((clinic) => clinic.numberLocale))}
  )`
  return [
    `create unlogged table ${work}.clinics as
    select
      plan.*,
      case when number <> survivor then 'duplicate' end as defect,
      ${legacyId(seed, 'clinics', 'number')} as id
    from ${plan} as plan (number, survivor, zone, number_locale)`,
    `analyze ${work}.clinics`,

    `insert into legacy.clinics (id, name, location, status, created_at, updated_at)
    select
      id,
      case when number = survivor then name else '  ' || upper(name) end,
      case when number = survivor then town else lower(town) || ' ' end,
      case when survivor % 10 = 5 then 'inactive' else 'active' end,
      created_at,
      created_at + ${draws.below('updated_at', 200)} * interval '1 day'
    from ${work}.clinics
    cross join lateral (
      select
        (${textArray(clinicNames)})[1 + (survivor - 1) % ${clinicNames.length}] as name,
        (${textArray(towns)})[1 + (survivor - 1) % ${towns.length}] as town,
        timestamp '2021-01-04 15:00'
          + ${draws.below('created_at', 300 * 86_400)} * interval '1 second'
          + case when number = survivor then interval '0' else interval '150 days' end as created_at
    ) as drawn`,

    ...clinics
      .filter((clinic) => clinic.hasSettings)
      .map(
        ({ number, zone, currency }) =>
          `insert into migration_input.clinic (legacy_id, timezone, currency)
          select id, ${literal(zone)}, ${currency === null ? 'null' : literal(currency)}
          from ${work}.clinics
          where number = ${number}`,
      ),
  ]
}
