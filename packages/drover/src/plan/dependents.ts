import { type RawBuilder, sql } from 'kysely'
import { sourceKey } from '../define/reference.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf } from '../sql/nodes.ts'
import { type Mention, mentionsOf } from './mentions.ts'
import { nameRows, repairKeys, walkedJoin } from './repair-keys.ts'
import type { DependentsPlan } from './repair-plan.ts'
import { fromLines, type MappingParts } from './row.ts'
import { transformer } from './transform.ts'

/** For each mapping that this one refers to: how the rows are found that refer to one of its rows. */
export function dependentsPlans(parts: MappingParts): readonly DependentsPlan[] {
  return [...mentionsOf(parts)].map(([mapping, mentions]) => {
    const keys = repairKeys(mapping, 'moved')
    const found = dependents(parts, mentions, {
      key: (value) => sql`${value} in (${keys})`,
      document: (value) =>
        sql`exists (select from (${keys}) as moved where strpos(${value}, ${token(sql`moved.source_key`)}) > 0)`,
      table: () => sql`walked.disposition in ('loaded', 'matched')`,
    })
    const counted = dependents(parts, mentions, {
      key: (value) => sql`${value} = $2::text`,
      document: (value) => sql`strpos(${value}, ${token(sql`$2::text`)}) > 0`,
      table: () => sql`$2::text is null`,
    })
    return {
      mapping,
      find: compile(nameRows(parts.mapping.name, found).toOperationNode()),
      count: compile(
        sql`select disposition, count(*) as n
from (${counted}) as found
group by disposition`.toOperationNode(),
      ),
    }
  })
}

/** A source key as it stands in the text of a jsonb: as a string, or as a number where it can be one. */
function token(key: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`case when ${key} ~ '^-?[0-9][0-9.]*$' then ${key} else to_jsonb(${key})::text end`
}

/** Rows that mention others. Those that were accepted as they are stay where they are. */
function dependents(
  parts: MappingParts,
  mentions: readonly Mention[],
  refersTo: Readonly<Record<Mention['kind'], (value: RawBuilder<unknown>) => RawBuilder<unknown>>>,
): RawBuilder<unknown> {
  const { mapping, target, context } = parts
  const transform = transformer(mapping, target, context, 'recompute')
  const own = transform.placeOnce(sourceKey(mapping.key.map(expressionOf)).toOperationNode())
  const conditions = mentions.map((mention) => {
    if (mention.kind === 'table') return refersTo.table(sql``)
    const value = expressionOf(transform.place(mention.node))
    return refersTo[mention.kind](mention.kind === 'key' ? sql`(${value}) collate "C"` : sql`(${value})::text`)
  })
  const from = fromLines(parts, { transform }, [walkedJoin(parts, sql`${expressionOf(own)}`).toOperationNode()])
  return sql`
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  ${expressionOf(from)}
  where (${sql.join(conditions, sql` or `)}) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = ${sql.lit(mapping.name)} and q.source_key = walked.source_key and q.accepted_at is not null
  )`
}
