import { type Expression, type OperationNode, type RawBuilder, sql } from 'kysely'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { isResolved } from './decided.ts'
import { resolveGroupValues } from './group.ts'
import { groupValuesOf } from './late.ts'
import { ledgerSchema, ledgerTables } from './plan.ts'
import { repairKeys, walkedJoin } from './repair-keys.ts'
import { repeatedRows } from './repeated.ts'
import { fromLines, type MappingParts, type TransformedRow, transformRow } from './row.ts'

/**
 * Decides merges and matches in one set-based step before the first chunk, among the rows that no guard sets aside:
 * chunks only read the outcome, so it depends neither on their size nor on their order (I7). Stored are the rows that
 * are not simply loaded, and the values of groups. A matched row is preferred to every other one as survivor.
 */
export function resolveStatement(parts: MappingParts): string | null {
  const query = resolveQuery(parts)
  const resolution = expressionOf(tableNode(ledgerTables.resolution(parts.mapping.name)))
  return query && compile(sql`create table ${resolution} as\n${query}`.toOperationNode())
}

/** Rows that were made before, and where they are read from: what is decided is decided over them. */
export interface MadeRows {
  readonly row: TransformedRow
  readonly from: OperationNode
}

/**
 * The same for the groups of rows that a repair names, once the mapping is loaded: rows that stand in the target stay what
 * they are, and come first as survivors; only the rows that are tried join them, or stand for themselves.
 */
export function regroupStatement(parts: MappingParts): string | null {
  const query = resolveQuery(parts, undefined, 'again')
  if (query === null) return null
  const resolution = expressionOf(tableNode(ledgerTables.resolution(parts.mapping.name)))
  const values = [...groupValuesOf(parts.mapping.columns).values()].flatMap(({ name, leftOut, annotation }) =>
    annotation.kind === 'collected' && annotation.collection.distinct.length > 0 ? [name, leftOut] : [name],
  )
  const columns = ['disposition', 'survivor_key', ...parts.targetKey.map(({ name }) => name), ...values]
  const assignments = columns.map((name) => sql`${id(name)} = ${expressionOf(columnNode('excluded', name))}`)
  return compile(
    sql`insert into ${resolution}
${query}
on conflict (source_key) do update set ${sql.join(assignments)}`.toOperationNode(),
  )
}

/** What the resolve step stores; null where there is nothing to decide. `again`: see {@link regroupStatement}. */
export function resolveQuery(
  parts: MappingParts,
  made?: MadeRows,
  time: 'first' | 'again' = 'first',
): RawBuilder<unknown> | null {
  const { mapping } = parts
  if (!isResolved(mapping)) return null
  const row = made?.row ?? transformRow(parts, 'resolve')
  const key = expressionOf(row.key)
  const rules = mapping.survivor.map((rule) => expressionOf(row.transform.place(rule.order)))
  const group = groupOf(parts, row)
  const existing = mapping.match && existingRow(parts, row, time)
  const standing = time === 'first' ? undefined : standingRows(parts, key)
  const order = [
    ...(standing ? [standing.first] : []),
    ...(existing ? [sql`(${existing.found}) desc`] : []),
    ...rules,
    sql`${key} collate "C"`,
  ]
  const ids = parts.targetKey.map((column) => {
    const own = expressionOf(row.columns.find(({ name }) => name === column.name)!.node)
    const value = existing ? sql`coalesce(${existing.column(column.name)}, ${own})` : own
    const chosen = sql`first_value(${standing ? standing.keyOr(column.name, value) : value}) over same`
    return sql`${standing ? standing.keyOr(column.name, chosen) : chosen} as ${id(column.name)}`
  })
  const agreement = agreementOf(parts, row)
  const values = resolveGroupValues(parts, row, {
    partition: [...group, ...agreement.by],
    order,
    stored: [sql`survivor_key`, ...(agreement.by.length > 0 ? [sql`is_agreed`] : [])],
  })
  const valid = [
    ...(row.excluded ? [sql`(${expressionOf(row.excluded)}) is not true`] : []),
    ...(row.refused ? [sql`(${expressionOf(row.refused)}) is not true`] : []),
    ...(standing ? [standing.isIncluded] : []),
  ]
  const further = [...(existing?.joins ?? []), ...(standing ? [standing.join] : [])]
  const grouped = sql`
    select ${key} as source_key,
      first_value(${key}) over same as survivor_key,
      ${existing ? sql`first_value(${existing.found}) over same` : sql`false`} as is_matched,
      ${existing ? sql`${existing.found} and (${sql.join(existing.keys)}) is distinct from (${sql.join(existing.keys.map((key) => sql`first_value(${key}) over same`))})` : sql`false`} as is_torn,${agreement.grouped}
      ${sql.join([...ids, ...values.grouped, ...(standing?.columns(group) ?? [])], sql.raw(',\n      '))}
    ${expressionOf(made?.from ?? fromLines(parts, row, further, (time === 'first' && repeatedRows(parts)) || undefined))}
    ${valid.length === 0 ? sql`` : sql`where ${sql.join(valid, sql` and `)}`}
    window same as (partition by ${sql.join(group)} order by ${sql.join(order)})`
  return sql`  select source_key collate "C" as source_key,
    case${time === 'first' ? sql`` : sql`\n      when not _is_tried then _before`}
      when is_torn then 'torn'
      when source_key <> survivor_key then ${agreement.outcome}
      when is_matched then 'matched'
      else 'loaded'
    end as disposition,
    survivor_key collate "C" as survivor_key,
    ${sql.join([...parts.targetKey.map((column) => id(column.name)), ...values.stored], sql.raw(',\n    '))}
  from (${grouped}
  ) as grouped
  where ${time === 'again' ? sql`_is_touched and (_is_tried or _before <> 'quarantined')` : sql.join([sql`source_key <> survivor_key`, sql`is_matched`, ...values.needed], sql` or `)}`
}

/**
 * Matches that are not one to one, as pairs of source keys: two groups of duplicates that match one target row, a row
 * that matches two, or a group whose rows match different ones. Rows would be merged that nobody declared to be the same.
 */
export function ambiguousMatches(parts: MappingParts): string | null {
  if (parts.mapping.match === undefined) return null
  const resolution = expressionOf(tableNode(ledgerTables.resolution(parts.mapping.name)))
  const ids = parts.targetKey.map((column) => id(column.name))
  return compile(
    sql`select min(source_key) as one, max(source_key) as other
from ${resolution}
where disposition = 'matched'
group by ${sql.join(ids)}
having count(*) > 1
union all
select survivor_key, source_key
from ${resolution}
where disposition = 'torn'
limit 5`.toOperationNode(),
  )
}

/** What the rows of one group share: their identity, or the key where a row is its own group. */
function groupOf(parts: MappingParts, row: TransformedRow): readonly Expression<unknown>[] {
  const { identity } = parts.mapping
  const key = expressionOf(row.key)
  if (identity === undefined) return [key]
  const by = identity.by.map((node) => expressionOf(row.transform.placeOnce(node)))
  const alone = [
    ...(identity.when === undefined
      ? []
      : [sql`(${expressionOf(row.transform.placeOnce(identity.when))}) is not true`]),
    ...isApart(parts, key),
  ]
  return alone.length === 0 ? by : [sql`case when ${sql.join(alone, sql` or `)} then ${key} end`, ...by]
}

/** Rows of which a merge was undone are nobody's duplicates any more. */
function isApart({ mapping, context }: MappingParts, key: Expression<unknown>): readonly RawBuilder<unknown>[] {
  if (!context.overlay.hasLedger) return []
  const apart = expressionOf(tableNode({ schema: ledgerSchema, name: 'apart' }))
  return [
    sql`${key} in (select source_key from ${apart} where migration = ${sql.lit(context.overlay.migration)} and mapping = ${sql.lit(mapping.name)})`,
  ]
}

/** What becomes of duplicates, and which of them agree with the row that stands for them. */
function agreementOf({ mapping: { identity } }: MappingParts, row: TransformedRow) {
  const by = (identity?.agree ?? []).map((node) => expressionOf(row.transform.placeOnce(node)))
  if (by.length === 0) {
    return { by, grouped: sql``, outcome: sql.lit(identity?.quarantine === undefined ? 'merged' : 'duplicate') }
  }
  const isSame = by.map((value) => sql`${value} is not distinct from first_value(${value}) over same`)
  return {
    by,
    grouped: sql`\n      ${sql.join(isSame, sql` and `)} as is_agreed,`,
    outcome: sql`case when is_agreed then 'merged' else 'duplicate' end`,
  }
}

/**
 * The rows that have a place in the target, or are tried for one. Those that are loaded or matched come first in their
 * group, and are known by the key that they have there.
 */
function standingRows(parts: MappingParts, key: Expression<unknown>) {
  const { name } = parts.mapping
  const isTried = sql`${key} collate "C" in (${repairKeys(name, 'try')})`
  const isNamed = sql`${key} collate "C" in (${repairKeys(name, 'try', 'group')})`
  const isStanding = sql`walked.disposition in ('loaded', 'matched')`
  const isAccepted = sql`${key} collate "C" in (
        select source_key
        from drover.quarantine
        where run_id = $1::bigint and mapping = ${sql.lit(name)} and accepted_at is not null
      )`
  const walked = (column: string) => expressionOf(columnNode('walked', column))
  return {
    join: walkedJoin(parts, sql`${key}`).toOperationNode(),
    first: sql`(${isStanding}) desc`,
    // Who stands for others and is set aside is not replaced by one of them, unless he stays out for good.
    isIncluded: sql`(walked.disposition <> 'excluded' and not (walked.disposition = 'quarantined' and ${isAccepted}) or ${isTried})`,
    keyOr: (column: string, other: Expression<unknown>) =>
      sql`case when ${isStanding} then ${walked(column)} else ${other} end`,
    columns: (group: readonly Expression<unknown>[]) => [
      sql`walked.disposition as _before`,
      sql`${isTried} as _is_tried`,
      sql`bool_or(${isNamed}) over (partition by ${sql.join(group)}) as _is_touched`,
    ],
  }
}

/**
 * The target row that exists already, joined to the source row that stands for it. `again`: what this mapping has loaded,
 * and those after it, did not exist before it.
 */
function existingRow(parts: MappingParts, row: TransformedRow, time: 'first' | 'again') {
  const { mapping, target, targetKey, context } = parts
  const loaders =
    time === 'first'
      ? []
      : [...context.mappings.values()].filter(({ name, to }) => to === mapping.to && !context.earlier.has(name))
  const isOwn = loaders.map((_, i) => sql`${expressionOf(columnNode(`own_${i + 1}`, 'source_key'))} is null`)
  const column = (name: string) => {
    const value = expressionOf(columnNode('existing', name))
    return isOwn.length === 0 ? value : sql`case when ${sql.join(isOwn, sql` and `)} then ${value} end`
  }
  const keys = targetKey.map(({ name }) => column(name))
  const on = expressionOf(row.transform.place(mapping.match!.on))
  const joins = loaders.map((loader, i) => {
    const alias = `own_${i + 1}`
    const isSame = targetKey.map(
      ({ name }) => sql`${expressionOf(columnNode(alias, name))} = ${expressionOf(columnNode('existing', name))}`,
    )
    const crosswalk = expressionOf(tableNode(ledgerTables.crosswalk(loader.name)))
    return sql`left join ${crosswalk} as ${id(alias)} on ${id(alias)}.disposition = 'loaded' and ${sql.join(isSame, sql` and `)}`
  })
  return {
    column,
    keys,
    found: sql`${keys[0]!} is not null`,
    joins: [sql`left join ${expressionOf(tableNode(target))} as existing on ${on}`, ...joins].map((join) =>
      join.toOperationNode(),
    ),
  }
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
