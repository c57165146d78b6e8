import { isNumber } from './expressions.ts'

/**
 * Rows that repeat another one, ahead of the load: groups by what is the key of the target, then, among the few rows of
 * such groups, all but the first valid one.
 */
export const findDuplicates = (version: number) => `
create table hand.duplicate as
with repeated as (
  select data_source_id, external_id
  from legacy.metric_values
  group by data_source_id, external_id
  having count(*) > 1
)
select id
from (
  select v.id, row_number() over (partition by v.data_source_id, v.external_id order by v.created_at, v.id) as place
  from legacy.metric_values as v
  join repeated on repeated.data_source_id = v.data_source_id and repeated.external_id = v.external_id
  join hand.definitions as d on d.old_id = v.metric_definition_id
  join hand.providers as p on p.old_id = v.provider_id
  where ${isNumber(version)}
) as ranked
where place > 1;
analyze hand.duplicate;
`
