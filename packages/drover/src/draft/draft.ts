import type { Column, Table } from '../catalog/catalog.ts'
import type { Code } from './code.ts'

/** A migration as far as two schemas tell it. */
export interface Draft {
  /** In the order in which they are defined: a reference leads to an earlier one, or is made by `later`. */
  readonly mappings: readonly DraftedMapping[]
  /** Tables of the source that no mapping reads. */
  readonly unread: readonly Table[]
  /** Tables of the target that no mapping fills. */
  readonly unfilled: readonly Table[]
}

/** A mapping that was drafted from two schemas, before it is written out. */
export interface DraftedMapping extends MatchedTables {
  readonly columns: readonly DraftedColumn[]
  /** Columns of the source that nothing reads. */
  readonly dropped: readonly string[]
}

/** A source table and the target table that it becomes. */
export interface MatchedTables {
  readonly source: Table
  readonly target: Table
  /** How sure it is that one becomes the other, from 0 to 1. */
  readonly confidence: number
  /** The name of the mapping, and of the constant that holds it. */
  readonly name: string
  readonly constant: string
  /** The alias of the source table. */
  readonly alias: string
}

/** What becomes a column of the target. */
export interface DraftedColumn {
  readonly column: Column
  /** The columns of the source that it is made of. */
  readonly sources: readonly string[]
  /** For people, in a few words. */
  readonly how: string
  /** From 0 to 1; undefined where nothing was found. */
  readonly confidence?: number
  readonly value: DraftedValue
}

/** What a drafted column is filled with, and how sure that is. */
export type DraftedValue =
  | { readonly kind: 'expression'; readonly code: Code }
  /** Somebody must decide. `choices` are expressions, the likeliest first. */
  | { readonly kind: 'undecided'; readonly question: string; readonly choices: readonly Code[] }
  /** The mapping says nothing of it. */
  | { readonly kind: 'left'; readonly to: 'default' | 'null' }
