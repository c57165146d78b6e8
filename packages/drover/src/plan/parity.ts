import type { RawBuilder } from 'kysely'
import type { ParityDefinition } from '../define/check.ts'
import { compile } from '../sql/compile.ts'
import type { DeclaredContext } from './declared.ts'
import { requireShowable } from './declared-key.ts'
import type { ParityPlan } from './declared-plan.ts'
import { type DeclaredQuery, declaredQuery, requireColumns } from './declared-query.ts'
import { differenceByKey, keyedStatement } from './parity-by-key.ts'
import { differenceOfRows, wholeRowsStatement } from './parity-of-rows.ts'

/** Both sides of a parity, ready to be compared. */
export interface ParitySides {
  readonly source: RawBuilder<unknown>
  readonly target: RawBuilder<unknown>
  readonly key: readonly string[]
  /** The columns that are compared: all but the key's. */
  readonly compared: readonly string[]
  /** By column, how much its sides may differ. */
  readonly tolerance: Readonly<Record<string, string>>
  /** Each gives the keys of rows that may differ. */
  readonly explained: readonly { readonly because: string; readonly rows: RawBuilder<unknown> }[]
}

/** The same question to both schemas, as SQL that tells where the answers differ. */
export function parityPlan(check: ParityDefinition, context: DeclaredContext): ParityPlan {
  const source = declaredQuery(check.source, '`source`', context)
  const target = declaredQuery(check.target, '`target`', context)
  requireSameColumns(source, target, context)
  requireColumns(check.key, source, '`source`', context)
  requireColumns(Object.keys(check.tolerance), source, '`source`', context)
  for (const query of [check.source, check.target]) requireShowable(query, check.key, context)
  const inKey = Object.keys(check.tolerance).filter((column) => check.key.includes(column))
  if (inKey.length > 0)
    context.complain(`${inKey.join(', ')} is in \`key\` and has a tolerance: keys are equal or not.`)
  const sides: ParitySides = {
    source: source.sql,
    target: target.sql,
    key: check.key,
    compared: source.columns.filter((column) => !check.key.includes(column)),
    tolerance: check.tolerance,
    explained: check.explained.map(({ because, rows }) => {
      const what = `the query of the rows explained by '${because}'`
      const explained = declaredQuery(rows, what, context)
      requireColumns(check.key, explained, what, context)
      return { because, rows: explained.sql }
    }),
  }
  const isKeyed = check.key.length > 0
  return {
    kind: 'parity',
    name: check.name,
    statement: compile((isKeyed ? keyedStatement(sides) : wholeRowsStatement(sides)).toOperationNode()),
    query: compile((isKeyed ? differenceByKey(sides) : differenceOfRows(sides)).toOperationNode()),
    because: check.explained.map(({ because }) => because),
    allow: check.allow ?? null,
  }
}

function requireSameColumns(source: DeclaredQuery, target: DeclaredQuery, { complain }: DeclaredContext): void {
  if (source.columns.length === 0 || target.columns.length === 0) return
  const only = (one: DeclaredQuery, other: DeclaredQuery) =>
    one.columns.filter((column) => !other.columns.includes(column)).join(', ')
  const ofSource = only(source, target)
  const ofTarget = only(target, source)
  if (ofSource !== '') complain(`only \`source\` gives ${ofSource}. Both queries give columns of the same names.`)
  if (ofTarget !== '') complain(`only \`target\` gives ${ofTarget}. Both queries give columns of the same names.`)
}
