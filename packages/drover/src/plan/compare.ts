import { type Expression, type RawBuilder, sql } from 'kysely'
import { capabilitiesOf } from '../catalog/capabilities.ts'
import { sourceKey } from '../define/reference.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, identifierOf, literal, tableNode, unmerged } from '../sql/nodes.ts'
import { comparedColumns, foundColumn } from './compare-columns.ts'
import { updatedColumns } from './images.ts'
import { isLate } from './late.ts'
import { type ComparisonPlan, ledgerTables, type RowClass } from './plan.ts'
import { chunkRow, isOutcome, type PrintedRow, printRow } from './printed-row.ts'
import { type MappingParts, rowNames } from './row.ts'
import { isWrittenByRun } from './run-transactions.ts'

/**
 * Recomputes every row from the source and compares it with the target through the crosswalk, column by column. It asks
 * the same expressions as the chunks did: what differs was changed afterwards, by a trigger, or by a defect.
 */
export function comparisonPlan(parts: MappingParts, opaque: readonly string[]): ComparisonPlan | null {
  const { mapping } = parts
  if (mapping.kind === 'evolve') return null
  const left = new Set(
    parts.targetColumns
      .map(({ name }) => name)
      .filter((name) => opaque.includes(name) || isLate(mapping.columns[name], 'recompute')),
  )
  const known: MappingParts = {
    ...parts,
    mapping: { ...mapping, compute: undefined },
    targetColumns: parts.targetColumns.filter(({ name }) => !left.has(name)),
  }
  const columns = known.targetColumns.map(({ name }) => name)
  const equivalent = Object.keys(mapping.equivalent)
  for (const name of equivalent.filter((name) => !columns.includes(name))) {
    parts.context.complain(`equivalent, column ${name}: it is not mapped, or cannot be made again to be compared.`)
  }
  return {
    columns,
    updated: updatedColumns(known).map(({ name }) => name),
    notCompared: [...left],
    equivalent,
    statement: compareStatement(known, madeAgain(parts, known), mapping.compute !== undefined),
  }
}

/** The row as it is made again: as its chunk made it, where nothing of it is known later or left out. */
function madeAgain(parts: MappingParts, known: MappingParts): PrintedRow {
  const isWhole = known.targetColumns.length === parts.targetColumns.length && parts.mapping.compute === undefined
  return isWhole && parts.context.deferred.length === 0 ? chunkRow(parts) : printRow(known, 'recompute')
}

/**
 * `unmerged` keeps a subquery from being dissolved into the query around it, so that what it makes is made once a row. A
 * CTE that is stored would do too, but would write all transformed rows to disk first.
 */
function compareStatement(parts: MappingParts, row: PrintedRow, hasFunction: boolean): string {
  const { mapping, targetKey, targetColumns } = parts
  // As it is written, so that it reads the source row alone: of a row that the database refused, nothing may be computed.
  const key = expressionOf(sourceKey(mapping.key.map(expressionOf)).toOperationNode())
  const disposition = of('walked', 'disposition')
  const isThere = sql`${of('t', targetKey[0]!.name)} is not null`
  const isSameRow = targetKey.map(({ name }) => sql`${of('t', name)} = ${of('walked', name)}`)
  const compared = comparedColumns(parts, disposition)
  // Elsewhere nothing tells who wrote a row.
  const isKept = capabilitiesOf(parts.target).comparesVersions
  const isOther = (name: 'loaded' | 'matched') => {
    const conditions = compared.filter((column) => column.of === name).map((column) => column.isOther)
    return conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql.raw('\n        or '))})`
  }
  const names = (list: readonly (RawBuilder<unknown> | undefined)[]) => {
    const given = list.filter((each) => each !== undefined)
    if (given.length === 0) return sql`'{}'::text[]`
    return sql`case when ${isThere} then array_remove(array[
      ${sql.join(given, sql.raw(',\n      '))}
    ]::text[], null) else '{}' end`
  }
  const shown = (side: 'made' | 'found') =>
    sql.join(
      targetColumns.map(({ name, type }, i) => {
        const isNamed = sql`${literal(name)} = any (columns || equivalent)`
        return sql`(${literal(name)}, case when ${isNamed} then (${id(valueName(side, i))})::${sql.raw(type)}::text end)`
      }),
      sql.raw(', '),
    )
  const values = (side: 'made' | 'found') => sql`case when ${sql.raw(`${side}_is_there`)} then (
    select coalesce(jsonb_object_agg(name, value), '{}')
    from (values ${shown(side)}) as each (name, value)
    where name = any (columns || equivalent)
  ) end`
  const isMade = sql`${key} not in (
      select source_key
      from drover.quarantine
      where run_id = $1::bigint and mapping = ${sql.lit(mapping.name)} and sqlstate is not null
    ) and ${isAsked(sql`(${key}) collate "C"`)}`
  return compile(
    sql`select key,
  case
    when fault is not null then fault
    when cardinality(columns) = 0 then ${is('equivalent')}
    ${
      isKept
        ? sql`when ${isWrittenByRun(sql`xmin_found`)} then ${is('different')}
    `
        : sql``
    }else ${is('changed since')}
  end as class,
  columns, equivalent,
  ${values('made')} as made,
  ${values('found')} as found
from (
  select coalesce(walked.source_key, ${of('s', rowNames.key)}) as key,
    case
      when walked.source_key is null then ${is('no disposition')}
      when ${of('s', rowNames.key)} is null and not (${isSetAside(mapping.name, sql`q.sqlstate is not null`)}) then ${is('no source row')}
      when ${disposition} <> ${of('s', rowNames.disposition)} and not (${isDecidedLater(mapping.name, hasFunction)}) then
        case when ${disposition} = 'quarantined' then ${is('quarantined, and would not be now')} else ${is('disposition')} end
      -- The crosswalk's entry was committed with the row (I1): it was there.
      when ${disposition} = 'loaded' and not (${isThere}) then ${is('deleted since')}
    end as fault,
    ${names(compared.map(({ difference }) => difference))} as columns,
    ${names(compared.map(({ equivalence }) => equivalence))} as equivalent,
    ${isKept ? sql`t.xmin as xmin_found, ` : sql``}${isThere} as found_is_there, ${of('s', rowNames.key)} is not null as made_is_there,
    ${sql.join(
      targetColumns.flatMap((column, i) => [
        sql`${of('s', column.name)} as ${id(valueName('made', i))}`,
        sql`${foundColumn(column)} as ${id(valueName('found', i))}`,
      ]),
      sql.raw(',\n    '),
    )}
  from (
  ${row.query(isMade, isOutcome)}
  ${unmerged}
  ) as s
  full join (
    select *
    from ${expressionOf(tableNode(ledgerTables.crosswalk(mapping.name)))}
    where ${isAsked(sql`source_key`)}
  ) as walked on walked.source_key = ${of('s', rowNames.key)} collate "C"
  left join ${expressionOf(tableNode(parts.target))} as t
    on ${disposition} in ('loaded', 'matched') and ${sql.join(isSameRow, sql` and `)}
  -- Which rows are as they should be is asked first, and of nearly all nothing else.
  where walked.source_key is null or ${of('s', rowNames.key)} is null or ${disposition} <> ${of('s', rowNames.disposition)}
    or case ${disposition}
      when 'loaded' then not (${isThere}) or ${isOther('loaded')}
      when 'matched' then ${isThere} and ${isOther('matched')}
      else false
    end
  ${unmerged}
) as compared
where fault is not null or cardinality(columns) > 0 or cardinality(equivalent) > 0`.toOperationNode(),
  )
}

/** The rows that are asked about. A key that is null belongs to the lowest ones. */
function isAsked(key: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`($2::text is null or ${key} >= $2::text)
      and ($3::text is null or coalesce(${key}, '') < $3::text)
      and ($4::text[] is null or ${key} = any ($4::text[]))`
}

function valueName(side: 'made' | 'found', i: number): string {
  return `${side}_${i + 1}`
}

function is(name: RowClass): RawBuilder<unknown> {
  return sql`${sql.lit(name)}`
}

/** Rows that are set aside for what no transform knows: with the row that stands for them, by a function, or for good. */
function isDecidedLater(mapping: string, hasFunction: boolean): RawBuilder<unknown> {
  return isSetAside(
    mapping,
    hasFunction ? sql`true` : sql`(q.code = 'survivor-quarantined' or q.accepted_at is not null)`,
  )
}

function isSetAside(mapping: string, condition: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${of('walked', 'disposition')} = 'quarantined' and exists (
        select from drover.quarantine as q
        where q.run_id = $1::bigint and q.mapping = ${sql.lit(mapping)} and q.source_key = walked.source_key and ${condition}
      )`
}

function of(alias: string, column: string): Expression<unknown> {
  return columnOf(alias, column)
}

function id(name: string): Expression<unknown> {
  return identifierOf(name)
}
