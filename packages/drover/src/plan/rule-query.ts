import { type RawBuilder, sql } from 'kysely'
import type { Column, Table } from '../catalog/table.ts'
import { columnNode, expressionOf, identifier, unmerged } from '../sql/nodes.ts'
import { limitOf } from './assigned.ts'
import { assignedRows, brokenColumn, rawColumn } from './assigned-rows.ts'
import { collateAs } from './collation.ts'
import { inlined, resolutionName, rowsName } from './foreseen-columns.ts'
import { type MappingParts, rowNames } from './row.ts'
import { type Rule, referenced, updatesRows } from './rules.ts'

/** Rows that break a rule: how many, and the lowest few by their keys. */
const namedKeys = 5

/** What rules are judged by, as relations of the statement that foresees a mapping. */
export interface Judged {
  readonly relations: readonly RawBuilder<unknown>[]
  /** For each rule a JSON object `{ n, keys }`. */
  readonly verdicts: readonly RawBuilder<unknown>[]
}

/**
 * Judges rows that were foreseen. `standing`: the relation that holds the target's rows as they were before the mapping ·
 * `parents`: what stands for a table that a foreign key points at, the target itself included.
 *
 * Row by row rules are counted in one pass over the rows, and only those that are broken are asked for keys.
 */
export function judge(
  parts: MappingParts,
  rules: readonly Rule[],
  standing: RawBuilder<unknown>,
  parents: (table: string) => RawBuilder<unknown>,
): Judged {
  const { name } = parts.mapping
  const assigned = `assigned_${name}`
  const counted = `broken_${name}`
  const joined = rules.flatMap(({ foreignKey }, i) => (foreignKey ? [{ foreignKey, alias: `parent_${i + 1}` }] : []))
  const local = rules.map((rule, i) => conditionOf(parts, rule, i))
  const counts = local.flatMap((condition, i) =>
    condition ? [sql`count(*) filter (where ${condition}) as ${id(`n${i + 1}`)}`] : [],
  )
  const from = sql`${id(assigned)} as ${row}${sql.join(
    joined.map(({ foreignKey, alias }) =>
      parentJoin(foreignKey.columns, foreignKey.references!.columns, parents(referenced(foreignKey)), alias),
    ),
    sql``,
  )}`
  const relations = [
    inlined(assigned, assignedRows(parts, rules)),
    ...(counts.length === 0
      ? []
      : [sql`${id(counted)} as materialized (\n  select ${sql.join(counts)}\n  from ${from}\n)`]),
  ]
  const verdicts = rules.map((rule, i) => {
    const condition = local[i]
    if (condition !== undefined) {
      const n = sql`(select ${id(`n${i + 1}`)} from ${id(counted)})`
      return verdict(n, lowest(sql`select ${key} from ${from} where ${condition}`))
    }
    const query = queryOf(parts, rule, standing)
    return verdict(query.count, lowest(query.keys))
  })
  return { relations, verdicts }
}

const row = sql.raw('r')
const key = sql`${row}.${id(rowNames.key)} as key`

/**
 * A JSON object `{ n, keys }`. Keys are looked for where there are some: a subquery in a branch that is not taken is
 * not evaluated.
 */
export function verdict(count: RawBuilder<unknown>, keys: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
      select jsonb_build_object('n', n::text, 'keys', case when n > 0 then ${keys} end)::text
      from (select ${count} as n ${unmerged}) as counted
    )`
}

/** The lowest keys of a query with one column `key`. */
export function lowest(query: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
        select jsonb_agg(key order by key collate "C")
        from (select key from (${query}) as broken where key is not null order by key collate "C" limit ${sql.lit(namedKeys)}) as lowest
      )`
}

/** A rule that one row breaks by itself, over the row and its parents. */
function conditionOf(parts: MappingParts, rule: Rule, position: number): RawBuilder<unknown> | undefined {
  const { domains } = parts.context.catalog
  const columns = rule.columns.map((name) => sql`${row}.${id(name)}`)
  switch (rule.kind) {
    case 'not-null':
      return sql`${columns[0]!} is null`
    case 'length':
    case 'precision':
      return limitOf(columnOf(parts.target, rule.columns[0]!).type, domains)!.isExceeded(
        sql`${row}.${id(rawColumn(rule.columns[0]!))}`,
      )
    case 'check':
      return sql`${row}.${id(brokenColumn(position))}`
    case 'foreign-key': {
      const isNull = columns.map((column) => sql`${column} is null`)
      const isFull = rule.foreignKey!.references!.match === 'full'
      const isPartial =
        isFull && columns.length > 1
          ? sql` or (${sql.join(isNull, sql` or `)}) and not (${sql.join(isNull, sql` and `)})`
          : sql``
      return sql`(not (${sql.join(isNull, sql` or `)}) and ${id(`parent_${position + 1}`)}._is_there is null${isPartial})`
    }
    default:
      return undefined
  }
}

/**
 * No row, of which the planner expects a thousand. What was computed on the way has no statistics: a parent that seems to
 * hold two or three rows is scanned anew for each child, and holds hundreds.
 */
const padding = sql.raw('generate_series(1, (select 0))')

function parentJoin(
  columns: readonly string[],
  referencedColumns: readonly string[],
  parent: RawBuilder<unknown>,
  alias: string,
): RawBuilder<unknown> {
  const keys = sql.join(referencedColumns.map(id))
  const none = sql.join(referencedColumns.map(() => sql`null`))
  const on = columns.map((column, i) => sql`${id(alias)}.${id(referencedColumns[i]!)} = ${row}.${id(column)}`)
  return sql`
  left join (
    select distinct ${keys}, true as _is_there
    from (select ${keys} from ${parent} as parent union all select ${none} from ${padding}) as parent
  ) as ${id(alias)} on ${sql.join(on, sql` and `)}`
}

/** Rules that several rows break together, or a row together with one that stands. */
function queryOf(parts: MappingParts, rule: Rule, standing: RawBuilder<unknown>) {
  const rows = id(rowsName(parts))
  const of = (name: string) => expressionOf(columnNode('s', name))
  const sourceKey = of(rowNames.key)
  const isLoaded = sql`${of(rowNames.disposition)} = 'loaded'`
  const targetKey = parts.targetKey.map(({ name }) => of(name))
  switch (rule.kind) {
    case 'key-null':
      return {
        count: sql`(select count(*) from ${rows} as s where ${sourceKey} is null)`,
        keys: sql`select null::text as key`,
      }
    case 'key-twice':
      return {
        count: sql`(select coalesce(sum(n - 1), 0) from (select count(*) as n from ${rows} as s where ${sourceKey} is not null group by ${sourceKey} collate "C" having count(*) > 1) as twice)`,
        keys: sql`select ${sourceKey} as key from ${rows} as s where ${sourceKey} is not null group by ${sourceKey} having count(*) > 1`,
      }
    case 'match-twice': {
      const same = sql.join(parts.targetKey.map(({ name }) => id(name)))
      const matched = sql`${id(resolutionName(parts))} where disposition = 'matched'`
      return {
        count: sql`(select coalesce(sum(n - 1), 0) from (select count(*) as n from ${matched} group by ${same} having count(*) > 1) as twice)`,
        keys: sql`select key from (
          select source_key as key, row_number() over (partition by ${same} order by source_key collate "C") as place
          from ${matched}
        ) as placed where place > 1`,
      }
    }
    case 'standing': {
      const isSame = parts.targetKey.map(({ name }) => sql`${expressionOf(columnNode('t', name))} = ${of(name)}`)
      const query = sql`from ${rows} as s join ${standing} as t on ${sql.join(isSame, sql` and `)} where ${isLoaded}`
      return { count: sql`(select count(*) ${query})`, keys: sql`select ${sourceKey} as key ${query}` }
    }
    case 'target-twice':
      return {
        count: sql`(select coalesce(sum(n - 1), 0) from (select count(*) as n from ${rows} as s where ${isLoaded} group by ${sql.join(targetKey)} having count(*) > 1) as twice)`,
        keys: sql`select key from (
          select ${sourceKey} as key, row_number() over (partition by ${sql.join(targetKey)} order by ${sourceKey} collate "C") as place
          from ${rows} as s where ${isLoaded}
        ) as placed where place > 1`,
      }
    default:
      return uniqueQuery(parts, rule, standing)
  }
}

/** Rows beyond the first of each key of a unique index, where the first may be one that stands in the target. */
function uniqueQuery(parts: MappingParts, { index }: Rule, standing: RawBuilder<unknown>) {
  const { target, mapping } = parts
  const { keys, predicate, nullsNotDistinct } = index!
  const columns = keys.map((each, i) => {
    if (typeof each !== 'string') return sql`(${sql.raw(each.expression)}) as ${id(`k${i + 1}`)}`
    return sql`${id(each)}${collationOf(columnOf(target, each))} as ${id(`k${i + 1}`)}`
  })
  const names = sql.join(keys.map((_, i) => id(`k${i + 1}`)))
  const where = predicate === null ? sql`` : sql`\n            where (${sql.raw(predicate)})`
  const isUpdated = sql.join(
    parts.targetKey.map(({ name }) => sql`u.${id(`${rowNames.existing}${name}`)} = t.${id(name)}`),
    sql` and `,
  )
  const others = updatesRows(parts)
    ? sql`(select t.* from ${standing} as t where not exists (select from ${id(rowsName(parts))} as u where u.${id(rowNames.disposition)} = 'matched' and ${isUpdated}))`
    : standing
  const all = sql`(
          select ${id(rowNames.key)} as key, false as stands, ${sql.join(columns)}
            from ${id(`assigned_${mapping.name}`)} as ${id(target.name)}${where}
          union all
          select null, true, ${sql.join(columns)}
            from ${others} as ${id(target.name)}${where}
        ) as entry`
  const isEntered = nullsNotDistinct
    ? sql``
    : sql` where ${sql.join(
        keys.map((_, i) => sql`${id(`k${i + 1}`)} is not null`),
        sql` and `,
      )}`
  return {
    count: sql`(
        select coalesce(sum(n), 0)
        from (
          select count(*) filter (where not stands) - case when bool_or(stands) then 0 else 1 end as n
          from ${all}${isEntered}
          group by ${names}
          having count(*) > 1 and bool_or(not stands)
        ) as twice
      )`,
    keys: sql`select key
        from (
          select key, row_number() over (partition by ${names} order by stands desc, key collate "C") as place
          from ${all}${isEntered}
        ) as placed
        where place > 1`,
  }
}

function columnOf({ columns }: Table, name: string): Column {
  return columns.find((column) => column.name === name)!
}

/** Texts that differ in bytes may be one under a collation that is not deterministic. */
function collationOf(column: Column): RawBuilder<unknown> {
  return column.collationDeterministic ? sql`` : collateAs(column)
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
