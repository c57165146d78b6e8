import { type RawBuilder, sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import { sourceKey } from '../define/reference.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { constantPlacer } from './constant.ts'
import { dispositions } from './disposition.ts'
import { imageVersion, ledgerTables } from './plan.ts'
import { fixedSource } from './readers.ts'
import { moved, nameRows, repairKeys } from './repair-keys.ts'
import type { RestoreStatements } from './repair-plan.ts'
import { type MappingParts, storedQuery } from './row.ts'
import { ownVersion, versionOf } from './run-transactions.ts'

/**
 * Asks the query again that a mapping reads from, and names the rows by which the answer differs from the stored one. A
 * new row gets a place in the crosswalk with the disposition `new`, and is tried like one that was set aside.
 */
export function restoreStatements(parts: MappingParts): RestoreStatements | null {
  const { mapping, source } = parts
  if (source.driving.kind === 'table') return null
  const stored = expressionOf(tableNode(ledgerTables.source(mapping.name)))
  const restored = expressionOf(tableNode(ledgerTables.restored(mapping.name)))
  const crosswalk = expressionOf(tableNode(ledgerTables.crosswalk(mapping.name)))
  const alias = expressionOf(identifier(source.alias))
  const place = constantPlacer(parts.context)
  const key = sql`(${expressionOf(place(sourceKey(mapping.key.map(expressionOf)).toOperationNode()))}) collate "C"`
  const rows = (relation: RawBuilder<unknown>) =>
    sql`select ${key} as source_key, to_jsonb(${alias}.*) as row from ${relation} as ${alias}`
  const touched = sql`${key} in (${repairKeys(mapping.name, 'try', 'change', 'withdraw')})`
  return {
    isFixed: fixedSource(parts),
    store: compile(sql`create table ${restored} as\n${storedQuery(parts)}`.toOperationNode()),
    compare: compile(
      sql`with before as materialized (
  ${rows(sql`${stored}`)}
), after as materialized (
  ${rows(sql`${restored}`)}
), differing as (
  select coalesce(after.source_key, before.source_key) as source_key, before.source_key is null as is_new, after.source_key is null as is_gone
  from before
  full join after on after.source_key = before.source_key
  where before.row is distinct from after.row
    and ($2::boolean or coalesce(after.source_key, before.source_key) in (${repairKeys(mapping.name, 'try')}))
), entered as (
  insert into ${crosswalk} (source_key, disposition)
  select source_key, 'new'
  from differing
  where is_new
)
${nameRows(
  mapping.name,
  sql`
  select differing.source_key,
    case when is_new then 'try' when is_gone then 'withdraw' when walked.disposition in ('loaded', 'matched') then 'change' else 'try' end as purpose
  from differing
  left join ${crosswalk} as walked on walked.source_key = differing.source_key`,
)}`.toOperationNode(),
    ),
    takeOver: [
      compile(sql`delete from ${stored} as ${alias} where ${touched}`.toOperationNode()),
      compile(
        sql`insert into ${stored} select ${alias}.* from ${restored} as ${alias} where ${touched}`.toOperationNode(),
      ),
      compile(sql`drop table ${restored}`.toOperationNode()),
    ],
    withdraw: withdrawStatement(parts),
  }
}

/** Takes back what the run made of rows that are gone: their target rows, which are kept first (I4), and their accounts. */
function withdrawStatement({ mapping, target, targetKey }: MappingParts): string {
  const crosswalk = expressionOf(tableNode(ledgerTables.crosswalk(mapping.name)))
  const images = expressionOf(tableNode(ledgerTables.images(mapping.name)))
  const { comparesVersions } = capabilitiesOf(target)
  const version = expressionOf(identifier(imageVersion))
  const columns = target.columns
    .filter(({ generated }) => generated === null)
    .map(({ name }) => expressionOf(identifier(name)))
  const isSame = targetKey.map(
    ({ name }) => sql`${expressionOf(columnNode('t', name))} = ${expressionOf(columnNode('gone', name))}`,
  )
  const counts = dispositions.map((each) => sql`-count(*) filter (where disposition = ${sql.lit(each)})`)
  const accounts = ['quarantine', 'merge', 'correction', 'note'].map(
    (table) => sql`${sql.raw(`of_${table}`)} as (
  delete from drover.${sql.raw(table)} as account
  using gone
  where account.run_id = $1::bigint and account.mapping = ${sql.lit(mapping.name)} and account.source_key = gone.source_key
)`,
  )
  // Whoever was merged into a row that is gone stands for himself, or for the others.
  const duplicates =
    mapping.identity === undefined
      ? []
      : [
          sql`left_over as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select merge.run_id, merge.mapping, merge.source_key, 'try'
  from drover.merge
  join gone on gone.source_key = merge.survivor_key
  where merge.run_id = $1::bigint and merge.mapping = ${sql.lit(mapping.name)}
  on conflict do nothing
)`,
        ]
  return compile(
    sql`with gone as (
  delete from ${crosswalk}
  where source_key in (${repairKeys(mapping.name, 'withdraw')})
  returning *
), deleted as (
  delete from ${expressionOf(tableNode(target))} as t
  using gone
  where gone.disposition = 'loaded' and ${sql.join(isSame, sql` and `)}
  returning t.*${comparesVersions ? sql`, ${versionOf(expressionOf(columnNode('t', 'xmin')))} as ${version}` : sql``}
), imaged as (
  insert into ${images} (${sql.join([...columns, version])})
  select ${sql.join([...columns, comparesVersions ? version : ownVersion])}
  from deleted
  on conflict do nothing
), ${sql.join([...accounts, moved(mapping.name, sql`gone`), ...duplicates], sql.raw(', '))}
insert into drover.chunk (run_id, mapping, number, kind, state, read, loaded, merged, matched, quarantined, excluded, finished_at)
select $1::bigint, ${sql.lit(mapping.name)}, $2::bigint, 'adjustment', 'done', -count(*), ${sql.join(counts)}, clock_timestamp()
from gone
having count(*) > 0
returning read`.toOperationNode(),
  )
}
