import { type OperationNode, type RawBuilder, sql } from 'kysely'
import { sourceKey } from '../define/reference.ts'
import { annotationOf } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf } from '../sql/nodes.ts'
import { walk } from '../sql/tree.ts'
import type { DependentsPlan } from './plan.ts'
import { nameRows, repairKeys, walkedJoin } from './repair-keys.ts'
import { fromLines, type MappingParts } from './row.ts'
import { transformer } from './transform.ts'

/** For each mapping that this one refers to: how the rows are found that refer to one of its rows. */
export function dependentsPlans(parts: MappingParts): readonly DependentsPlan[] {
  const keys = referencesOf(parts)
  return [...keys].map(([mapping, nodes]) => ({
    mapping,
    find: compile(
      nameRows(
        parts.mapping.name,
        dependents(parts, nodes, (key) => sql`${key} in (${repairKeys(mapping, 'moved')})`),
      ).toOperationNode(),
    ),
    count: compile(
      sql`select disposition, count(*) as n
from (${dependents(parts, nodes, (key) => sql`${key} = $2::text`)}) as found
group by disposition`.toOperationNode(),
    ),
  }))
}

/** Rows that refer to others by one of `nodes`. Those that were accepted as they are stay where they are. */
function dependents(
  parts: MappingParts,
  nodes: readonly OperationNode[],
  refersTo: (key: RawBuilder<unknown>) => RawBuilder<unknown>,
): RawBuilder<unknown> {
  const { mapping, target, context } = parts
  const transform = transformer(mapping, target, context, 'recompute')
  const own = transform.placeOnce(sourceKey(mapping.key.map(expressionOf)).toOperationNode())
  const keys = nodes.map((node) => refersTo(sql`(${expressionOf(transform.place(node))}) collate "C"`))
  const from = fromLines(parts, { transform }, [walkedJoin(parts, sql`${expressionOf(own)}`).toOperationNode()])
  return sql`
  select walked.source_key, walked.disposition,
    case when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  ${expressionOf(from)}
  where (${sql.join(keys, sql` or `)}) and not exists (
    select from drover.quarantine as q
    where q.run_id = $1::bigint and q.mapping = ${sql.lit(mapping.name)} and q.source_key = walked.source_key and q.accepted_at is not null
  )`
}

/** The keys by which the mapping refers to others, by their names. */
function referencesOf({ mapping }: MappingParts): ReadonlyMap<string, readonly OperationNode[]> {
  const found = new Map<string, Map<string, OperationNode>>()
  const { where, identity, survivor, match, compute, columns } = mapping
  walk([where, identity, survivor, match, compute?.reads, columns], (node) => {
    const annotation = annotationOf(node)
    if (annotation?.kind !== 'reference') return
    const keys = found.get(annotation.mapping) ?? new Map<string, OperationNode>()
    keys.set(compile(annotation.key), annotation.key)
    found.set(annotation.mapping, keys)
  })
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, keys]) => [name, [...keys.values()]]))
}
