import type { Blueprint } from './blueprint.ts'
import { drawsFor } from './random.ts'
import { work } from './sql-text.ts'

/**
 * Pairs of a clinic and a provider of another clinic (another also after the merge), for values that name the wrong
 * provider: V17 where the clinic has a twin of him, V18 where it has none and gets a clone. At most two strangers per
 * clinic.
 */
export function foreignProviderStatements({ seed }: Blueprint): string[] {
  const draws = drawsFor(seed, 'foreign_providers', '(clinic.number * 100000 + provider.number)')
  return [
    `create unlogged table ${work}.foreign_providers as
    with homes as (
      select provider.*, lower(provider.plain_name) as match_name, clinic.survivor
      from ${work}.providers as provider
      join ${work}.clinics as clinic on clinic.number = provider.clinic
    ),
    foreigners as (
      select
        clinic.number as clinic,
        provider.id as provider_id,
        twin.number is not null as has_twin,
        coalesce(twin.id, 'clone:' || owner.id || ':' || provider.match_name || ':' || provider.type) as stand_in,
        row_number() over (
          partition by clinic.number, twin.number is not null
          order by ${draws.uniform('order')}, provider.number
        ) as turn
      from ${work}.clinics as clinic
      join ${work}.clinics as owner on owner.number = clinic.survivor
      join homes as provider on provider.survivor <> clinic.survivor
      left join homes as twin
        on twin.survivor = clinic.survivor
        and twin.match_name = provider.match_name
        and twin.type = provider.type
    )
    select
      case when has_twin then 'V17' else 'V18' end as kind,
      clinic,
      provider_id,
      stand_in,
      row_number() over (partition by has_twin order by clinic, provider_id collate "C")::int as place
    from foreigners
    where has_twin or turn <= 2`,
    `analyze ${work}.foreign_providers`,
  ]
}
