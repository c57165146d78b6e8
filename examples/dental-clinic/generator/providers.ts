import type { Blueprint } from './blueprint.ts'
import { clinicNumbers } from './clinic-layout.ts'
import { legacyId } from './ids.ts'
import { firstNames, providerSurnames } from './names.ts'
import { drawsFor, zipfWeights } from './random.ts'
import { textArray, work } from './sql-text.ts'

/** Clinic sizes follow Zipf's law with this exponent. */
export const clinicSizeExponent = 1.1

/**
 * Providers: two for each clinic, then more by the clinics' sizes, each with a name of his own. The last ones are
 * twins: the same person, by name and type, in a clinic that stays another one after the merge.
 */
export function providerStatements({ seed, rows, clinics, defects }: Blueprint): string[] {
  const people = rows.providers - defects['providers/twin']
  const survivors = clinicNumbers(clinics, (clinic) => clinic.number === clinic.survivor).length
  const person = drawsFor(seed, 'providers', 'person')
  const own = drawsFor(seed, 'providers', 'provider.number')
  return [
    `create unlogged table ${work}.providers as
    with people as (
      select
        number,
        case when number <= ${people} then number else number - ${people} end as person
      from generate_series(1, ${rows.providers}) as number
    ),
    placed as (
      select
        provider.*,
        case
          when provider.number > ${people} then home.survivor % ${survivors} + 1
          when provider.number <= ${2 * clinics.length} then ${roundRobin('provider.number', clinics.length)}
          else ${own.weighted('clinic', zipfWeights(clinics.length, clinicSizeExponent))}
        end as clinic
      from people as provider
      join ${work}.clinics as home on home.number = ${roundRobin('person', clinics.length)}
    ),
    named as (
      select
        *,
        (${textArray(firstNames)})[1 + person % 40]
          || ' ' || (${textArray(providerSurnames)})[1 + (13 * (person / 40) + 17 * person) % 40] as plain_name,
        (array['dentist', 'hygienist', 'specialist'])[${person.weighted('type', [60, 30, 10])}] as type,
        ${person.uniform('title')} < 0.5 as has_title,
        number > ${people} as is_twin
      from placed
    )
    select
      number,
      ${legacyId(seed, 'providers', 'number')} as id,
      case when is_twin then 'twin' end as defect,
      clinic,
      row_number() over (partition by clinic order by number)::int as place,
      row_number() over (partition by clinic, type order by number)::int as place_of_type,
      type,
      plain_name,
      -- A twin bears the title exactly if the other does not.
      case when type <> 'hygienist' and has_title <> is_twin then 'Dr. ' else '' end
        || case when is_twin and number % 2 = 0 then upper(plain_name) else plain_name end as name
    from named`,
    `analyze ${work}.providers`,

    `insert into legacy.providers (id, name, provider_type, status, clinic_id, created_at, updated_at)
    select
      provider.id,
      provider.name,
      provider.type,
      case when ${own.uniform('status')} < 0.9 then 'active' else 'inactive' end,
      clinic.id,
      created_at,
      created_at + ${own.below('updated_at', 300)} * interval '1 day'
    from ${work}.providers as provider
    join ${work}.clinics as clinic on clinic.number = provider.clinic
    cross join lateral (
      select
        timestamp '2021-12-06 10:00' + ${own.below('created_at', 120 * 86_400)} * interval '1 second' as created_at
    ) as drawn`,
  ]
}

function roundRobin(number: string, clinics: number): string {
  return `(${number} - 1) % ${clinics} + 1`
}
