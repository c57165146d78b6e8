import { type Expression, type OperationNode, type RawBuilder, sql } from 'kysely'
import type { Column } from '../catalog/table.ts'
import { annotationOf, wrapped } from '../sql/annotation.ts'
import { columnNode, columnOf, expressionOf, literal } from '../sql/nodes.ts'
import { rewriter } from '../sql/tree.ts'
import { replaceConstant } from './constant.ts'
import { isDistinct, updatedColumns } from './images.ts'
import type { MappingParts } from './row.ts'
import type { TransformContext } from './transform.ts'

/** A column that is compared in rows of one disposition. */
export interface ComparedColumn {
  readonly name: string
  readonly of: ComparedDisposition
  /** Holds where it differs, be it that a rule takes both for the same. Asked of rows of its disposition that are there. */
  readonly isOther: RawBuilder<unknown>
  /** Names the column where it differs and no rule says that it means the same. */
  readonly difference: RawBuilder<unknown>
  /** Names the column where it differs, and its rule says that it means the same; undefined without a rule. */
  readonly equivalence: RawBuilder<unknown> | undefined
}

/** The dispositions with which a mapping writes to rows of the target. */
type ComparedDisposition = 'loaded' | 'matched'

/** Compares the transformed row `s` with the row of the target `t`, for rows whose disposition is `disposition`. */
export function comparedColumns(parts: MappingParts, disposition: Expression<unknown>): readonly ComparedColumn[] {
  const compare = (column: Column, of: ComparedDisposition): ComparedColumn => {
    const name = literal(column.name)
    const common = { name: column.name, of, isOther: isOther(column, foundColumn(column), madeColumn(column)) }
    const differs = sql`${disposition} = ${literal(of)} and ${common.isOther}`
    const rule = parts.mapping.equivalent[column.name]
    if (rule === undefined) {
      return { ...common, difference: sql`case when ${differs} then ${name} end`, equivalence: undefined }
    }
    // Inside the case: of rows that were not written, nothing may be computed.
    const isSame = sql`(${expressionOf(placeRule(parts, column.name, rule))})`
    return {
      ...common,
      difference: sql`case when ${differs} then case when ${isSame} then null else ${name} end end`,
      equivalence: sql`case when ${differs} then case when ${isSame} then ${name} end end`,
    }
  }
  return [
    ...parts.targetColumns.map((column) => compare(column, 'loaded')),
    ...updatedColumns(parts).map((column) => compare(column, 'matched')),
  ]
}

/** Types whose own equality takes values for one that are written differently: `{"a": 1.50}` and `{"a": 1.5}`. */
const lenient = new Set(['jsonb', 'interval'])

/** Whether two values are not the same to the letter; null equals null. */
function isOther(column: Column, one: Expression<unknown>, other: Expression<unknown>): RawBuilder<unknown> {
  const type = column.baseType.replace(/\[\]$/, '')
  // Types of extensions, such as citext, bring an equality of their own.
  const isForeign = type.includes('.') && column.kind !== 'enum'
  const isText = lenient.has(type) || isForeign
  if (column.collationDeterministic && !isText) return isDistinct(column, one, other)
  const letters = column.collationDeterministic ? sql`::text` : sql`::text collate "C"`
  return sql`(${one})${letters} is distinct from (${other})${letters}`
}

/** What the transform makes, in the declared type, with its length or scale: to it the value was rounded and padded. */
function madeColumn(column: Column): RawBuilder<unknown> {
  return sql`(${of('s', column.name)})::${sql.raw(column.type)}`
}

/** A column of the row that was found in the target. */
export function foundColumn(column: Column): Expression<unknown> {
  return of('t', column.name)
}

function of(alias: string, column: string): Expression<unknown> {
  return columnOf(alias, column)
}

/** The rule of a column over `s` and `t`. */
function placeRule({ targetColumns, target, context }: MappingParts, name: string, rule: OperationNode): OperationNode {
  const complain = (what: string) => context.complain(`equivalent, column ${name}: ${what}`)
  const placed: TransformContext = { ...context, complain }
  return rewriter((node) => {
    const annotation = annotationOf(node)
    if (annotation === undefined) return node
    switch (annotation.kind) {
      case 'guarded':
      case 'once':
      case 'document':
        return wrapped(node)
      case 'target': {
        const column = targetColumns.find((candidate) => candidate.name === annotation.column)
        if (column !== undefined) return madeColumn(column).toOperationNode()
        complain(`${annotation.column} is not mapped, or cannot be made again.`)
        return node
      }
      case 'existing':
        if (!target.columns.some((column) => column.name === annotation.column)) {
          complain(`${annotation.column} is no column of the target.`)
        }
        return columnNode('t', annotation.column)
      case 'reference':
      case 'lookup':
      case 'computed':
      case 'filled':
      case 'collected':
      case 'superseded':
      case 'alike':
        complain('a rule reads the two rows alone, and no other.')
        return node
      default:
        return replaceConstant(node, annotation, placed)
    }
  })(rule)
}
