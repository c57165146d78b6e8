import { type RawBuilder, sql } from 'kysely'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { assignedColumns } from './assigned-rows.ts'
import { isResolved } from './decided.ts'
import { inlined, rowsName } from './foreseen-columns.ts'
import { updatedColumns } from './images.ts'
import { ledgerTables } from './plan.ts'
import { type MappingParts, rowNames } from './row.ts'
import { knowsTargetKey } from './rules.ts'
import { castType } from './type-name.ts'

/**
 * What became of each source row, as others read it of a mapping once it is closed. A key stands there once, and the
 * planner is told so: it takes what it knows nothing of for 200 values, and a join to more rows than that for one that
 * multiplies them, the next one again.
 */
export function crosswalkRelation(parts: MappingParts): RawBuilder<unknown> {
  const rows = rowsName(parts)
  const hasExisting = isResolved(parts.mapping) || parts.mapping.kind === 'evolve'
  const known = new Set(parts.targetColumns.map(({ name }) => name))
  const key = parts.targetKey.map(({ name, baseType }) => {
    const own = known.has(name) ? sql` when 'loaded' then ${column(rows, name)}` : sql``
    const existing = column(rows, `${rowNames.existing}${name}`)
    const other = hasExisting ? sql` when 'merged' then ${existing} when 'matched' then ${existing}` : sql``
    const value = sql`case ${column(rows, rowNames.disposition)}${own}${other} else null end`
    return sql`(${value})::${sql.raw(castType(baseType))} as ${id(name)}`
  })
  return sql`${id(ledgerTables.crosswalk(parts.mapping.name).name)} as materialized (
  select distinct on (${column(rows, rowNames.key)}) ${column(rows, rowNames.key)} as source_key, ${column(rows, rowNames.disposition)} as disposition,
    ${sql.join(key)}
  from ${id(rows)}
)`
}

/**
 * The columns of {@link crosswalkRelation} without rows. Materialized, or the planner would see that there are none,
 * and look no further.
 */
export function emptyCrosswalk({ mapping, targetKey }: MappingParts): RawBuilder<unknown> {
  const key = targetKey.map(({ name, baseType }) => sql`null::${sql.raw(castType(baseType))} as ${id(name)}`)
  return sql`${id(ledgerTables.crosswalk(mapping.name).name)} as materialized (
  select null::text collate "C" as source_key, null::text as disposition, ${sql.join(key)}
  where false
)`
}

/**
 * The rows of a target as they will be: those that stand there, or will by other mappings, and those of this one. A key
 * stands there once: a row that would be loaded takes the place of the one that has its key already, as after a run.
 */
export function targetRelation(parts: MappingParts, before: string | undefined): RawBuilder<unknown> {
  const { target, mapping } = parts
  const rows = rowsName(parts)
  const standing = before === undefined ? expressionOf(tableNode(target)) : id(before)
  const updated = new Set(updatedColumns(parts).map(({ name }) => name))
  const kept = target.columns.map(({ name }) =>
    updated.has(name)
      ? sql`case when ${column('u', rowNames.key)} is null then ${column('t', name)} else ${column('u', name)} end as ${id(name)}`
      : column('t', name),
  )
  const isUpdated = parts.targetKey.map(
    ({ name }) => sql`${column('u', `${rowNames.existing}${name}`)} = ${column('t', name)}`,
  )
  const from =
    updated.size === 0
      ? sql`from ${standing} as t`
      : sql`from ${standing} as t
    left join ${id(rows)} as u on ${column('u', rowNames.disposition)} = 'matched' and ${sql.join(isUpdated, sql` and `)}`
  if (mapping.kind === 'evolve') return inlined(targetName(parts), sql`  select ${sql.join(kept)}\n  ${from}`)
  const generated = target.columns.filter((each) => each.generated !== null)
  const made = [
    ...assignedColumns(parts, rows),
    ...generated.map(({ name, baseType }) => sql`null::${sql.raw(castType(baseType))} as ${id(name)}`),
  ]
  const names = sql.join(target.columns.map(({ name }) => id(name)))
  const key = sql.join(parts.targetKey.map(({ name }) => id(name)))
  const isKnown = knowsTargetKey(parts)
  return sql`${id(targetName(parts))} as materialized (
  select ${isKnown ? sql`distinct on (${key}) ` : sql``}${names}
  from (
    select ${names}, false as _standing
    from (
      select ${sql.join(made)}
      from ${id(rows)}
      where ${column(rows, rowNames.disposition)} = 'loaded'
    ) as loaded
    union all
    select ${sql.join(kept)}, true
    ${from}
  ) as t${isKnown ? sql`\n  order by ${key}, _standing` : sql``}
)`
}

/** The relation that stands for a target once the mapping is closed. */
export function targetName({ mapping }: MappingParts): string {
  return `target_after_${mapping.name}`
}

function column(alias: string, name: string) {
  return expressionOf(columnNode(alias, name))
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
