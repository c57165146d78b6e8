import type { Allowance } from '../define/check.ts'

/** A check that the migration declares, as SQL. Statements read the run that is verified from the setting `drover.run`. */
export type DeclaredPlan = AssertionPlan | ParityPlan | AccessPlan | AttemptPlan | ProbePlan

/** An assertion, ready to be asked. */
export interface AssertionPlan {
  readonly kind: 'assertion'
  readonly name: string
  /**
   * Returns the lowest rows that break the rule, five at most: `n` (of all of them, int8), `key` and `masked`, JSON
   * objects of texts by column.
   */
  readonly statement: string
  /** The query as the author wrote it, for people to run. */
  readonly query: string
  readonly allow: Allowance | null
  /** Returns `n`, the rows that a percentage is taken of; null where there is none. */
  readonly countAll: string | null
  /** Whether it reads a table that no mapping fills, and that may be dropped after the cutover. */
  readonly readsSource: boolean
}

/** A comparison of two queries, ready to be asked. */
export interface ParityPlan {
  readonly kind: 'parity'
  readonly name: string
  /**
   * Returns one row at least: `source_rows`, `target_rows`, `n` (rows that differ and are not explained, int8), `explained`
   * (the rows that differ and are, as text[], one an explanation), and of the lowest rows that differ, five at most, `key`,
   * `source` and `target`, JSON objects of texts by column, the last two masked and null where that side has no such row,
   * `fault`, what is wrong with the row as a whole, or null, and `columns`, the names of those that differ.
   */
  readonly statement: string
  /** The difference as people would ask for it, with its values. */
  readonly query: string
  readonly because: readonly string[]
  readonly allow: Allowance | null
}

/** An access check, ready to be asked. */
export interface AccessPlan {
  readonly kind: 'access'
  readonly name: string
  readonly role: string
  /** Returns the actors: `key` as text, `actor` as JSON. Null: one actor, without key or columns. */
  readonly actors: string | null
  /** Makes the session the actor's, `$1` his columns as JSON: sets `drover.actor` and `request.jwt.claims`. */
  readonly enter: string
  /** Asked as the actor: `n` and `digest` of the keys that he sees. */
  readonly visible: string
  /** The same question: the lowest keys, each once: `key`, and `n`, how often. `$1` after which, `$2` how many at most. */
  readonly visibleKeys: string
  /** Asked as the owner, once: `actor`, `n`, `digest`. Null: see `outcome`. */
  readonly expected: string | null
  /**
   * Asked as the owner: the lowest keys that the actor sees and are not his, or the reverse: `key`, `is_seen`. `$1` actor,
   * `$2` keys that he sees, `$3` how often, `$4` those after which key are compared and `$5` through which, `$6` how many.
   */
  readonly strayKeys: string | null
  readonly outcome: 'own rows' | 'nothing' | 'refused'
  /** Whether what is asked as the owner reads a table of the source, which may be dropped after the cutover. */
  readonly readsSource: boolean
}

/** A check that tries to write, ready to be carried out. */
export interface AttemptPlan {
  readonly kind: 'attempt'
  readonly name: string
  readonly role: string
  /** Returns the actors: `key` as text, `actor` as JSON. */
  readonly actors: string
  /** Makes the session the actor's, `$1` his columns as JSON: sets `drover.actor` and `request.jwt.claims`. */
  readonly enter: string
  /** Writes as the actor, and returns `n`, the rows that were written. */
  readonly write: string
  readonly outcome: 'refused' | 'no row'
  /** Whether what is asked as the owner reads a table of the source, which may be dropped after the cutover. */
  readonly readsSource: boolean
}

/** A check by a function of the migration file. */
export interface ProbePlan {
  readonly kind: 'probe'
  readonly name: string
}
