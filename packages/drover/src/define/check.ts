import type { SelectQueryNode } from 'kysely'
import type { AccessDefinition } from './access.ts'
import type { AttemptDefinition } from './attempt.ts'
import type { ProbeDefinition } from './probe.ts'

/** A check that a migration declares beside its mappings; `drover verify` asks it. */
export type DeclaredCheck =
  | AssertionDefinition
  | ParityDefinition
  | AccessDefinition
  | AttemptDefinition
  | ProbeDefinition

/** How many rows may break a rule before it fails: up to so many it warns. Default: none may. */
export type Allowance =
  | { readonly rows: number }
  /** Of the rows that the rule looks at. */
  | { readonly percent: number }

/** A query that must return no row. */
export interface AssertionDefinition {
  readonly kind: 'assertion'
  readonly name: string
  readonly query: SelectQueryNode
  /** The columns that name a row: findings show them, and mask all others. */
  readonly key: readonly string[]
  readonly allow: Allowance | undefined
  /** Counts the rows that a percentage is taken of: the rows of this query. */
  readonly of: SelectQueryNode | undefined
}

/** A question that must have the same answer in both schemas. */
export interface ParityDefinition {
  readonly kind: 'parity'
  readonly name: string
  readonly source: SelectQueryNode
  readonly target: SelectQueryNode
  /** The columns that name a row of the answer; none: rows are compared as a whole. */
  readonly key: readonly string[]
  /** By how much the two sides of a column may differ, by column: a number as SQL reads it. */
  readonly tolerance: Readonly<Record<string, string>>
  readonly explained: readonly ExplanationDefinition[]
  readonly allow: Allowance | undefined
}

/** Differences that are meant to be. */
export interface ExplanationDefinition {
  /** Why, in a few words. */
  readonly because: string
  /** Gives the keys of the rows that may differ: the key's columns. */
  readonly rows: SelectQueryNode
}
