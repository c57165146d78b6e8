import { cleaned, idOf, isNumber } from './expressions.ts'

/**
 * One pass over a range of rows: `$1` up to `$2`, of chunk `$3`. Good rows go to the target and the crosswalk, bad ones to
 * quarantine with their original, and the chunk is done in the same transaction.
 */
export const loadChunk = (version: number) => `
with s as materialized (
  select z.*,
    case
      when value is null then 'bad-value'
      when metric_definition_id is null then 'no-definition'
      when provider_id is null then 'no-provider'
      when clinic_id is null then 'no-clinic'
      when data_source_id is null then 'no-source'
      when is_duplicate then 'duplicate'
    end as code
  from (
    select v.ctid as place, v.id as old_id, ${idOf('values', 'v.id')} as id, v.date at time zone 'UTC' as date,
      case when ${isNumber(version)} then ${cleaned}::numeric(18, 4) end as value,
      d.new_id as metric_definition_id, p.new_id as provider_id, c.new_id as clinic_id, s.new_id as data_source_id,
      v.external_id, v.source_type, v.created_at at time zone 'UTC' as created_at,
      v.updated_at at time zone 'UTC' as updated_at,
      duplicate.id is not null as is_duplicate,
      case when v.value <> ${cleaned} then v.value end as written
    from legacy.metric_values as v
    left join hand.definitions as d on d.old_id = v.metric_definition_id
    left join hand.providers as p on p.old_id = v.provider_id
    left join hand.clinics as c on c.old_id = coalesce(v.clinic_id, p.old_clinic_id)
    left join hand.sources as s on s.old_id = v.data_source_id
    left join hand.duplicate as duplicate on duplicate.id = v.id
    where v.ctid >= $1::tid and v.ctid < $2::tid
  ) as z
), loaded as (
  insert into app.metric_values (id, date, value, metric_definition_id, provider_id, clinic_id, data_source_id,
    external_id, source_type, created_at, updated_at)
  select id, date, value, metric_definition_id, provider_id, clinic_id, data_source_id, external_id, source_type,
    created_at, updated_at
  from s where code is null
), walked as (
  insert into hand.values select old_id, id from s where code is null
), corrected as (
  insert into hand.correction select old_id, 'number-format', written from s where code is null and written is not null
), quarantined as (
  insert into hand.quarantine
  select s.old_id, s.code, (select to_jsonb(v) from legacy.metric_values as v where v.ctid = s.place)
  from s where s.code is not null
)
update hand.chunk
set state = 'done', read = counted.read, loaded = counted.loaded, quarantined = counted.read - counted.loaded
from (select count(*) as read, count(*) filter (where code is null) as loaded from s) as counted
where number = $3::bigint
`

/** The rows that fit, as the target has them, of those for which `condition` holds. */
export const selectFitting = (version: number, condition = 'true') => `
select ${idOf('values', 'v.id')}, v.date at time zone 'UTC', ${cleaned}::numeric(18, 4), d.new_id, p.new_id, c.new_id,
  s.new_id, v.external_id, v.source_type, v.created_at at time zone 'UTC', v.updated_at at time zone 'UTC'
from legacy.metric_values as v
join hand.definitions as d on d.old_id = v.metric_definition_id
join hand.providers as p on p.old_id = v.provider_id
join hand.clinics as c on c.old_id = coalesce(v.clinic_id, p.old_clinic_id)
join hand.sources as s on s.old_id = v.data_source_id
where ${condition} and ${isNumber(version)}
`

/** The floor, of a range: whatever does not fit is left out, nothing is kept of it, nor of who became whom. */
export const loadRange = (version: number) => `
insert into app.metric_values (id, date, value, metric_definition_id, provider_id, clinic_id, data_source_id,
  external_id, source_type, created_at, updated_at)
${selectFitting(version, 'v.ctid >= $1::tid and v.ctid < $2::tid')}`
