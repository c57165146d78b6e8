import type { Blueprint } from './blueprint.ts'
import { valueMerges } from './outcomes/metrics.ts'
import { work } from './sql-text.ts'

/**
 * Where each metric value that is to be loaded belongs: its clinic after the merge and its definition, by number; its
 * provider, by legacy id (a clone is `clone:<clinic>:<name>:<type>`); and its business day. Midnight UTC is a date
 * taken literally; any other time is one in the clinic's zone.
 */
export function placedValueStatements(_: Blueprint): string[] {
  return [
    `create unlogged table ${work}.placed as
    with lost as (${valueMerges})
    select
      value.id,
      special.kind is not null as is_special,
      owner.number as clinic,
      definition.number as definition,
      case
        when special.kind = 'V20' then null
        else coalesce(pair.stand_in, value.provider_id)
      end as provider,
      case
        when value.date = date_trunc('day', value.date) then value.date
        else value.date at time zone 'UTC' at time zone owner.zone
      end::date as day,
      value.value as text,
      settings.number_locale
    from legacy.metric_values as value
    left join ${work}.value_plan as special on special.id = value.id
    join ${work}.definitions as definition on definition.id = value.metric_definition_id
    left join legacy.providers as provider on provider.id = value.provider_id
    left join legacy.data_sources as source on source.id = value.data_source_id
    left join migration_input.source as settings on settings.legacy_id = source.id
    join ${work}.clinics as given on given.id = coalesce(value.clinic_id, provider.clinic_id, source.clinic_id)
    join ${work}.clinics as owner on owner.number = given.survivor
    left join ${work}.foreign_providers as pair
      on pair.provider_id = special.foreign_provider
      and pair.clinic = special.clinic
    where (special.outcome is null or special.outcome not like 'quarantined %')
      and not exists (select from lost where lost.id = value.id)`,
    `analyze ${work}.placed`,
  ]
}
