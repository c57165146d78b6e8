import { type Expression, type OperationNode, sql } from 'kysely'
import { annotate, type Guard } from '../sql/annotation.ts'
import { expressionOf } from '../sql/nodes.ts'
import { guarded } from './guard.ts'
import type { bool, bytea, int4, jsonb, numeric, text, timestamptz, uuid } from './sql-types.ts'

/** The types that a function can make values of: in the target, and in JavaScript. */
interface ComputedTypes {
  text: [text, string]
  bytea: [bytea, Uint8Array]
  uuid: [uuid, string]
  numeric: [numeric, string]
  int4: [int4, number]
  bool: [bool, boolean]
  timestamptz: [timestamptz, string]
  jsonb: [jsonb, object]
}

/** The name of a type that a row function may return. */
export type ComputedType = keyof ComputedTypes

/** The values that a function makes for a row, by name, with their SQL types. */
export type Writes = Readonly<Record<string, ComputedType>>

/** What `columns` receives of them. */
export type ComputedColumns<W extends Writes> = {
  readonly [K in keyof W]: Expression<ComputedTypes[W[K]][0] | null>
}

/** What the function gives for one row: its values, or the code with which the row is set aside. */
export type ComputedRow<W extends Writes, F extends string> =
  | { readonly [K in keyof W]: ComputedTypes[W[K]][1] | null }
  | { readonly refused: F }

/**
 * A function in JavaScript, for what SQL cannot do. It is called chunk by chunk inside the chunk's transaction, with the
 * rows that will be written; what it returns joins the chunk's statement as a parameter.
 */
export interface Compute<Source, R extends string, W extends Writes, F extends string> {
  /** What the function needs of a row. It arrives as text, as the server writes it. */
  readonly reads: (source: Source) => Readonly<Record<R, Expression<unknown>>>
  readonly writes: W
  /** Writes that differ from call to call, such as what is encrypted with a random nonce: not compared by verification. */
  readonly opaque?: readonly (keyof W & string)[]
  /** Codes with which the function may set a row aside. Default: none. */
  readonly refusals?: readonly F[]
  /** Gives one result for each row, in the same order. Whatever it throws stops the run; its message is not shown. */
  readonly batch: (
    rows: readonly Readonly<Record<R, string | null>>[],
  ) => readonly ComputedRow<W, F>[] | Promise<readonly ComputedRow<W, F>[]>
}

/** A row function as the planner and the runner read it. */
export interface ComputeDefinition {
  readonly reads: Readonly<Record<string, OperationNode>>
  readonly writes: Writes
  readonly opaque: readonly string[]
  readonly refusals: readonly string[]
  readonly batch: RowFunction
}

/** A row function as it is called: the rows of a chunk in, a result for each in the same order out. */
export type RowFunction = (
  rows: readonly Readonly<Record<string, string | null>>[],
) => readonly Readonly<Record<string, unknown>>[] | Promise<readonly Readonly<Record<string, unknown>>[]>

// biome-ignore lint/suspicious/noExplicitAny: the type parameters have done their work.
type AnyCompute = Compute<any, any, any, any>

/** The definition behind what the author has written as `compute`; `reads` are the expressions that it asked for. */
export function readCompute(
  compute: AnyCompute,
  reads: Readonly<Record<string, Expression<unknown>>>,
): ComputeDefinition {
  return {
    reads: Object.fromEntries(Object.entries(reads).map(([name, value]) => [name, value.toOperationNode()])),
    writes: compute.writes,
    opaque: compute.opaque ?? [],
    refusals: compute.refusals ?? [],
    batch: compute.batch,
  }
}

/** The column of the computed row that holds the code with which it was refused. */
export const refusalColumn = '_refused'

/** The computed columns by name; each carries the guards of the rows that the function refuses. */
export function computedColumns(compute: ComputeDefinition | undefined): Record<string, Expression<unknown>> {
  if (compute === undefined) return {}
  const refusal = computed(refusalColumn)
  const guards: readonly Guard[] = compute.refusals.map((code) => ({
    code,
    outcome: 'quarantine',
    when: sql`${refusal} = ${sql.lit(code)}`.toOperationNode(),
  }))
  return Object.fromEntries(
    Object.keys(compute.writes).map((name) => [name, guarded(computed(name).toOperationNode(), guards)]),
  )
}

function computed(column: string): Expression<unknown> {
  return expressionOf(annotate(sql.ref(column).toOperationNode(), { kind: 'computed', column }))
}
