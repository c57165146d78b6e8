import { type RawBuilder, sql } from 'kysely'
import type { Column } from '../catalog/table.ts'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { defaultOf, limitOf } from './assigned.ts'
import { rowsName } from './foreseen-columns.ts'
import { updatedColumns } from './images.ts'
import { type MappingParts, rowNames } from './row.ts'
import type { Rule } from './rules.ts'
import { castType } from './type-name.ts'

/** The name of a column that says whether the check at that position among the rules fails for the row. */
export function brokenColumn(position: number): string {
  return `_broken_${position + 1}`
}

/** The name of a column's value before the column's declared type has cut or rounded it. */
export function rawColumn(name: string): string {
  return `_raw_${name}`
}

/**
 * The rows that a mapping would write: under {@link rowNames.key} the source key, each column of the target as it would
 * hold it, and whether the checks among the rules fail. SQL of the catalog is evaluated where nothing but the target's own
 * columns is in scope.
 */
export function assignedRows(parts: MappingParts, rules: readonly Rule[]): RawBuilder<unknown> {
  const { target } = parts
  const table = id(target.name)
  const written = sql.join(
    [
      ...(parts.mapping.kind === 'evolve' ? [] : [loadedRows(parts, rules)]),
      ...(updatedColumns(parts).length > 0 ? [updatedRows(parts, rules)] : []),
    ],
    sql`\n    union all\n`,
  )
  const generated = target.columns.filter((column) => column.generated !== null)
  const whole =
    generated.length === 0
      ? written
      : sql`    select ${table}.*, ${sql.join(generated.map(({ name, default: made }) => sql`(${sql.raw(made!)}) as ${id(name)}`))}
    from (\n${written}\n    ) as ${table}`
  const broken = rules.flatMap((rule, i) =>
    rule.kind === 'check' ? [sql`${checked(rule, target.name)} is false as ${id(brokenColumn(i))}`] : [],
  )
  if (broken.length === 0) return whole
  return sql`  select ${table}.*, ${sql.join(broken)}\n  from (\n${whole}\n  ) as ${table}`
}

/** What the columns of the target would hold of a row that was foreseen under `alias`, in the target's order. */
export function assignedColumns(parts: MappingParts, alias: string): readonly RawBuilder<unknown>[] {
  return stored(parts).map((column) => {
    const value = isMapped(parts, column)
      ? limited(parts, column, expressionOf(columnNode(alias, column.name)))
      : (defaultOf(column) ?? sql`null::${sql.raw(castType(column.baseType))}`)
    return sql`${value} as ${id(column.name)}`
  })
}

/** The columns of the target that are not made by the server from others. */
function stored({ target }: MappingParts): readonly Column[] {
  return target.columns.filter(({ generated }) => generated === null)
}

function loadedRows(parts: MappingParts, rules: readonly Rule[]): RawBuilder<unknown> {
  return sql`    select s.${id(rowNames.key)}, ${sql.join([...assignedColumns(parts, 's'), ...rawValues(rules, () => 's')])}
    from ${id(rowsName(parts))} as s
    where s.${id(rowNames.disposition)} = 'loaded'`
}

/** Rows of the target that stand and get new values. */
function updatedRows(parts: MappingParts, rules: readonly Rule[]): RawBuilder<unknown> {
  const updated = new Set(updatedColumns(parts).map(({ name }) => name))
  const alias = (name: string) => (updated.has(name) ? 's' : 't')
  const columns = stored(parts).map((column) => {
    const value = expressionOf(columnNode(alias(column.name), column.name))
    return sql`${updated.has(column.name) ? limited(parts, column, value) : value} as ${id(column.name)}`
  })
  const isSame = parts.targetKey.map(({ name }) => sql`t.${id(name)} = s.${id(`${rowNames.existing}${name}`)}`)
  return sql`    select s.${id(rowNames.key)}, ${sql.join([...columns, ...rawValues(rules, alias)])}
    from ${id(rowsName(parts))} as s
    join ${expressionOf(tableNode(parts.target))} as t on ${sql.join(isSame, sql` and `)}
    where s.${id(rowNames.disposition)} = 'matched'`
}

function rawValues(rules: readonly Rule[], alias: (name: string) => string): readonly RawBuilder<unknown>[] {
  return rules.flatMap(({ kind, columns: [name] }) =>
    kind === 'length' || kind === 'precision'
      ? [sql`${expressionOf(columnNode(alias(name!), name!))} as ${id(rawColumn(name!))}`]
      : [],
  )
}

function limited(
  { context }: MappingParts,
  column: Column,
  value: RawBuilder<unknown> | ReturnType<typeof expressionOf>,
): RawBuilder<unknown> {
  const type = sql.raw(castType(column.baseType))
  const limit = limitOf(column.type, context.catalog.domains)
  return limit ? sql`(${limit.assigned(sql`${value}`)})::${type}` : sql`${value}`
}

function isMapped({ targetColumns }: MappingParts, { name }: Column): boolean {
  return targetColumns.some((column) => column.name === name)
}

/** A domain's expression calls the value VALUE, which is read from a column of that name. */
function checked({ expression, ofDomain, columns }: Rule, table: string): RawBuilder<unknown> {
  if (!ofDomain) return sql`(${sql.raw(expression!)})`
  const value = sql`${id(table)}.${id(columns[0]!)}`
  return sql`(select (${sql.raw(expression!)}) from (select ${value} as value) as domain)`
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
