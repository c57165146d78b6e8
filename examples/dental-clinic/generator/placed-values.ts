import type { Blueprint } from './blueprint.ts'
import { valueMerges } from './outcomes/metrics.ts'
import { work } from './sql-text.ts'

/**
 * Where each metric value that is to be loaded belongs: its clinic after the merge and its provider, by legacy ids (a
 * clone is `clone:<clinic>:<name>:<type>`), and its business day. Midnight UTC is a date taken literally; any other time
 * is one in the clinic's zone.
 */
export function placedValueStatements(_: Blueprint): string[] {
  return [
    `create unlogged table ${work}.placed as
    with lost as (${valueMerges})
    select
      value.id,
      special.kind is not null as is_special,
      owner.id as clinic,
      definition.id as definition,
      definition.data_type,
      definition.shape,
      case
        when special.kind = 'V20' then null
        when stranger.id is not null then
          coalesce(twin.id, 'clone:' || owner.id || ':' || lower(stranger.plain_name) || ':' || stranger.type)
        else value.provider_id
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
    left join ${work}.providers as stranger on stranger.id = special.foreign_provider
    left join lateral (
      select candidate.id
      from ${work}.providers as candidate
      join ${work}.clinics as home on home.number = candidate.clinic
      where home.survivor = owner.number
        and lower(candidate.plain_name) = lower(stranger.plain_name)
        and candidate.type = stranger.type
    ) as twin on true
    where (special.outcome is null or special.outcome not like 'quarantined %')
      and not exists (select from lost where lost.id = value.id)`,
    `analyze ${work}.placed`,
  ]
}
