import {
  type IdentifierNode,
  type OperationNode,
  type RawBuilder,
  type RawNode,
  type ReferenceNode,
  SelectQueryNode,
  sql,
  type TableNode,
} from 'kysely'
import type { MappingDefinition } from '../define/mapping.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, unmerged } from '../sql/nodes.ts'
import { walk } from '../sql/tree.ts'
import { fromLines, hasPhysicalRows, type MappingParts, type TransformedRow } from './row.ts'
import { aliasesOf } from './source.ts'
import type { AddedRelation, ComputedValue } from './transform.ts'

/** The transformed row as a query: of the rows for which `condition` holds, the columns that are wanted. */
export type RowQuery = (condition: RawBuilder<unknown>, isWanted?: (name: string) => boolean) => RawBuilder<unknown>

/** A column of the row, and what it is printed under. */
export interface NamedNode {
  readonly name: string
  readonly node: OperationNode
}

/** Relations of one derived table: what is joined to the one before it, and what is computed over both. */
interface Stage {
  readonly joins: AddedRelation[]
  values: { readonly alias: string; readonly list: readonly ComputedValue[] } | undefined
}

/**
 * The row made by derived tables, one in the other: what is computed once is a column of the table inside. A lateral
 * subquery would be begun anew for each row, and no parallel worker could run it.
 */
export function nestedQuery(parts: MappingParts, row: TransformedRow, columns: readonly NamedNode[]): RowQuery {
  const stages = stagesOf(row.transform.relations())
  const homes = homesOf(parts.mapping, stages)
  const names = columnNames()
  /** By stage: the columns that later ones read of its derived table. */
  const needed = stages.map(() => new Map<string, ReadColumn>())
  const printIn = (stage: number, node: OperationNode) =>
    compile(node, (alias, column) => {
      const home = homes.get(alias)
      if (home === undefined || home === stage) return undefined
      const name = names(alias, column)
      needed[stage - 1]!.set(name, { alias, column })
      return [rowAlias, name]
    })
  const last = stages.length - 1
  // From the last stage to the first: what it reads of the one before is known when it is printed.
  const texts = stages.map((): StageText => ({ list: [], joins: '' }))
  for (let stage = last; stage >= 0; stage -= 1) {
    const { values, joins } = stages[stage]!
    const made =
      stage === last ? columns : [...needed[stage]!].map(([name, read]) => ({ name, node: madeOf(read, values) }))
    texts[stage] = {
      list: made.map(({ name, node }) => ({ name, text: `${printIn(stage, node)} as ${compile(identifier(name))}` })),
      joins: joins.map(({ line }) => `\n  ${printIn(stage, line())}`).join(''),
    }
  }
  const authored = compile(fromLines(parts, authoredAlone))
  return (condition, isWanted = () => true) => {
    let query = sql`${sql.raw(`${authored}${texts[0]!.joins}`)}
  where ${condition}`
    for (const [stage, { list }] of texts.entries()) {
      const wanted = stage === last ? list.filter(({ name }) => isWanted(name)) : list
      const selected = sql`select
    ${sql.raw(wanted.map(({ text }) => text).join(',\n    '))}
  ${query}`
      if (stage === last) return selected
      query = sql`from (
  ${selected}
  ${unmerged}
  ) as ${expressionOf(identifier(rowAlias))}${sql.raw(texts[stage + 1]!.joins)}`
    }
    return query
  }
}

interface StageText {
  readonly list: readonly { readonly name: string; readonly text: string }[]
  readonly joins: string
}

/** A column that a stage computes, or that it passes on. */
function madeOf({ alias, column }: ReadColumn, values: Stage['values']): OperationNode {
  const value = alias === values?.alias ? values.list.find(({ name }) => name === column) : undefined
  return value?.node ?? columnNode(alias, column)
}

interface ReadColumn {
  readonly alias: string
  readonly column: string
}

/** The derived table that holds all that was made before. */
const rowAlias = 'row'

const authoredAlone = { transform: { relations: () => [] } }

/**
 * What is joined and computed in each derived table: a new one begins where something is read that the last one
 * computes.
 */
function stagesOf(relations: readonly AddedRelation[]): readonly Stage[] {
  const stages: Stage[] = [{ joins: [], values: undefined }]
  const levels = Map.groupBy(relations, ({ level }) => level)
  const valuesOf = (level: number): Stage['values'] => {
    const step = levels.get(level)?.find(({ values }) => values !== undefined)
    return step && { alias: step.alias, list: step.values! }
  }
  stages[0]!.values = valuesOf(1)
  for (const level of [...levels.keys()].toSorted((a, b) => a - b)) {
    let stage = stages.at(-1)!
    if (stage.values !== undefined) {
      stage = { joins: [], values: undefined }
      stages.push(stage)
    }
    stage.joins.push(...levels.get(level)!.filter(({ values }) => values === undefined))
    stage.values = valuesOf(level + 1)
  }
  return stages
}

/** The stage in which each relation is in sight. */
function homesOf({ from }: MappingDefinition, stages: readonly Stage[]): ReadonlyMap<string, number> {
  const homes = new Map(aliasesOf(from).map((alias) => [alias, 0]))
  for (const [stage, { joins, values }] of stages.entries()) {
    for (const { alias } of joins) homes.set(alias, stage)
    if (values !== undefined) homes.set(values.alias, stage)
  }
  return homes
}

/** Bytes of a name: the server cuts longer ones, and two may begin alike. */
const mostNameBytes = 63

/** Names columns of relations, each differently: as they are called, or by a number where that is too long or taken. */
function columnNames(): (alias: string, column: string) => string {
  const given = new Map<string, string>()
  const taken = new Set<string>()
  return (alias, column) => {
    const key = JSON.stringify([alias, column])
    const known = given.get(key)
    if (known !== undefined) return known
    const own = `${alias}.${column}`
    const name = Buffer.byteLength(own) > mostNameBytes || taken.has(own) ? `${given.size}` : own
    given.set(key, name)
    taken.add(name)
    return name
  }
}

/**
 * Whether every column that the row reads is known by its node. In SQL text of the author's that names a relation or a
 * column, or in a subquery with a relation of the same name, it is not, and what it reads could not be given another
 * name.
 */
export function isNestable({ mapping, source }: MappingParts): boolean {
  const aliases = aliasesOf(mapping.from)
  // Of a relation without physical rows the row is kept as a whole; of one that is no table nobody knows the columns.
  if (!hasPhysicalRows(source) || !aliases.every((alias) => source.tables.has(alias))) return false
  const words = new Set([
    ...aliases,
    ...[...source.tables.values()].flatMap((table) => table.columns.map(({ name }) => name)),
  ])
  const named = wordPattern(words)
  let isClear = true
  walk([mapping.columns, mapping.where, mapping.key, mapping.compute?.reads], (node) => {
    if (node.kind === 'RawNode') {
      const { sqlFragments, parameters } = node as RawNode
      isClear &&= !sqlFragments.some((text) => text.length > 1 && named.test(text))
      isClear &&= !parameters.some((each) => words.has(bareName(each) ?? ''))
    } else if (node.kind === 'ReferenceNode') isClear &&= (node as ReferenceNode).table !== undefined
    else if (SelectQueryNode.is(node))
      isClear &&= !aliasesOf(node).some((alias) => alias === rowAlias || words.has(alias))
    else if (node.kind === 'SelectAllNode') isClear = false
  })
  return isClear
}

/** A word by itself, quoted or not: neither part of another one, nor of a name, a literal, a type or a call. */
function wordPattern(words: ReadonlySet<string>): RegExp {
  const list = [...words].map((word) => word.replace(/\W/g, '\\$&')).join('|')
  return new RegExp(`(^|[^\\w."':])"?(${list})"?([^\\w"'(]|$)`, 'i')
}

/** The name that a node is, where it stands by itself in SQL text. */
function bareName(node: OperationNode): string | undefined {
  if (node.kind === 'IdentifierNode') return (node as IdentifierNode).name
  if (node.kind !== 'TableNode') return undefined
  const { schema, identifier } = (node as TableNode).table
  return schema === undefined ? identifier.name : undefined
}
