import { type OperationNode, type RawBuilder, sql } from 'kysely'
import { columnNode, expressionOf, identifier } from '../sql/nodes.ts'
import { isResolved } from './decided.ts'
import { ledgerTables } from './plan.ts'
import { type MappingParts, rowNames, storedQuery, type TransformedRow } from './row.ts'
import { castType } from './type-name.ts'

/** Of a row that goes with others: the key of the one that stands for them. */
export const survivorColumn = '_survivor'

/** The key, the target's columns, and the numbers of the guards that hold. */
export function madeColumns(row: TransformedRow): readonly RawBuilder<unknown>[] {
  const numbers = (guards: TransformedRow['logs']) =>
    sql.join(guards.map((guard, i) => sql`case when ${expressionOf(guard.when)} then ${sql.lit(i + 1)} end`))
  const any = (guards: TransformedRow['logs']) =>
    sql.join(
      guards.map((guard) => expressionOf(guard.when)),
      sql` or `,
    )
  const held = (guards: TransformedRow['logs']) =>
    guards.length === 0
      ? sql`null::int[]`
      : sql`case when ${any(guards)} then array_remove(array[${numbers(guards)}], null) end`
  return [
    named(expressionOf(row.key), rowNames.key),
    ...row.columns.map(({ name, node }) => named(expressionOf(node), name)),
    named(held(row.quarantines), rowNames.reasons),
    named(held(row.logs), rowNames.logged),
  ]
}

/** The survivor and the existing row of the target, as the resolution knows them; of an evolving row that row itself. */
export function existingColumns(
  parts: MappingParts,
  resolved: (column: string) => OperationNode,
): readonly RawBuilder<unknown>[] {
  const { mapping, targetKey, source } = parts
  const isKnown = isResolved(mapping)
  const existing = (name: string) =>
    isKnown ? resolved(name) : mapping.kind === 'evolve' ? columnNode(source.alias, name) : undefined
  return [
    named(isKnown ? expressionOf(resolved('survivor_key')) : sql`null::text`, survivorColumn),
    ...targetKey.map(({ name, baseType }) => {
      const node = existing(name)
      const value = node === undefined ? sql`null::${sql.raw(castType(baseType))}` : expressionOf(node)
      return named(value, `${rowNames.existing}${name}`)
    }),
  ]
}

/** What became of a row by its own values; null where they leave it in. */
export function setAside({ excluded, refused }: TransformedRow): RawBuilder<unknown> {
  const whens = [
    ...(excluded ? [sql`when ${expressionOf(excluded)} then 'excluded'`] : []),
    ...(refused ? [sql`when ${expressionOf(refused)} then 'quarantined'`] : []),
  ]
  return whens.length === 0 ? sql`null` : sql`case ${sql.join(whens, sql` `)} end`
}

/** The stored query of a mapping that reads from one, as a relation. */
export function storedSource(parts: MappingParts): readonly RawBuilder<unknown>[] {
  const { driving } = parts.source
  if (driving.kind !== 'query') return []
  return [materialized(ledgerTables.source(parts.mapping.name).name, storedQuery(parts))]
}

/** The name under which the foreseen rows of a mapping stand in the statement. */
export function rowsName({ mapping }: MappingParts): string {
  return `rows_${mapping.name}`
}

/** The name under which the foreseen resolution of a mapping stands in the statement. */
export function resolutionName({ mapping }: MappingParts): string {
  return ledgerTables.resolution(mapping.name).name
}

/** A source row is decided about once; the planner is told so, as it is of a crosswalk. */
export function once(resolution: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`  select distinct on (source_key) *
  from (
${resolution}
  ) as decided`
}

/** A common table expression that is carried out once. */
export function materialized(name: string, query: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${id(name)} as materialized (\n${query}\n)`
}

/** Read where it is mentioned: it costs less than to be kept. */
export function inlined(name: string, query: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${id(name)} as not materialized (\n${query}\n)`
}

/** A value under a name. */
export function named(value: RawBuilder<unknown> | ReturnType<typeof expressionOf>, name: string): RawBuilder<unknown> {
  return sql`${value} as ${id(name)}`
}

/** A column of an alias. */
export function column(alias: string, name: string) {
  return expressionOf(columnNode(alias, name))
}

/** A name, quoted. */
export function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
