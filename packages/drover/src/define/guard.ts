import { type AliasableExpression, type Expression, type OperationNode, sql } from 'kysely'
import type { RowCode } from '../codes/row-codes.ts'
import { annotate, type Guard } from '../sql/annotation.ts'
import { expressionOf } from '../sql/nodes.ts'

/** `null` where `X` can be null, nothing otherwise: a null input passes through a conversion unharmed. */
export type NullOf<X> = Extract<X, null>

/** A value as it is written in TypeScript, for a column of type `T`. */
export type Literal<T> = Extract<T, string | number | boolean>

/**
 * A conversion that can fail. It is no expression, and so cannot stand for a column, until its author decides what
 * failure means. A null input is no failure: it stays null (see `required`).
 */
export interface Parsed<T> {
  /** For the compiler's message alone, which prints this type where a conversion stands for a column. */
  readonly toOperationNode: {
    readonly 'This conversion can fail: decide with .orQuarantine(), .orElse(value), .orNull() or .orReject()': never
  }
  /** As that one, which would otherwise be passed over: what is missing is told first. */
  readonly expressionType: never
  /** The row is set aside with `code`, the original row kept. */
  orQuarantine(code?: string): Expression<T>
  /**
   * As `orQuarantine`, and nobody needs to look at the row: it counts as accepted at once. Not so a failure that tells a
   * cause of its own, such as `waiting` or `ambiguous-number`: that has a remedy, and waits for it.
   */
  orReject(code?: string): Expression<T>
  /** The column becomes null; the original is logged as a correction. */
  orNull(code?: string): Expression<T | null>
  /** The column becomes `value`; the original is logged as a correction. */
  orElse(value: Literal<T> | Expression<T>, code?: string): Expression<T>
}

/** One way in which a conversion fails. */
export interface Failure {
  readonly code: RowCode
  readonly when: OperationNode
  /** The code tells a cause of its own: a code given by the author does not replace it, nor is it ever accepted. */
  readonly fixedCode?: boolean
}

/** A conversion that can fail, before its author has decided what becomes of failures. */
export interface Conversion {
  /** What is converted; logged as the original when it is corrected. */
  readonly input: OperationNode
  /** The converted value; null where the conversion failed. Must never raise an error. */
  readonly value: OperationNode
  readonly failures: readonly Failure[]
  /** Guards that hold whatever the author decides, e.g. that the text had to be cleaned. */
  readonly guards?: readonly Guard[]
}

/** Turns a conversion into the four decisions. */
export function parsed<T>(conversion: Conversion): Parsed<T> {
  const { input, failures, guards = [] } = conversion
  const value = once(expressionOf(conversion.value)).toOperationNode()
  const decide = (decision: 'quarantine' | 'reject' | 'correct', code: string | undefined): readonly Guard[] => [
    ...failures.map((failure) => ({
      code: failure.fixedCode ? failure.code : (code ?? failure.code),
      outcome: decision === 'correct' ? decision : ('quarantine' as const),
      ...(decision === 'reject' && !failure.fixedCode && { accepted: true as const }),
      when: failure.when,
      ...(decision === 'correct' && { original: input }),
    })),
    ...guards,
  ]
  const decisions: Omit<Parsed<T>, keyof Expression<T>> = {
    orQuarantine: (code) => guarded<T>(value, decide('quarantine', code)),
    orReject: (code) => guarded<T>(value, decide('reject', code)),
    orNull: (code) => guarded<T | null>(value, decide('correct', code)),
    orElse: (fallback, code) => {
      const failed = failures.map((failure) => sql`(${expressionOf(failure.when)})`)
      const chosen = sql`case when ${sql.join(failed, sql` or `)} then ${operand(fallback)} else ${expressionOf(value)} end`
      return guarded<T>(chosen.toOperationNode(), decide('correct', code))
    },
  }
  return decisions as Parsed<T>
}

/** Sets the row aside with `code` when `condition` holds. */
export function quarantineWhen<T>(value: Expression<T>, code: string, condition: Expression<unknown>): Expression<T> {
  return guarded<T>(value.toOperationNode(), [{ code, outcome: 'quarantine', when: condition.toOperationNode() }])
}

/** As {@link quarantineWhen}, and the row counts as accepted at once: it stays out, and nobody needs to look at it. */
export function rejectWhen<T>(value: Expression<T>, code: string, condition: Expression<unknown>): Expression<T> {
  return guarded<T>(value.toOperationNode(), [
    { code, outcome: 'quarantine', accepted: true, when: condition.toOperationNode() },
  ])
}

/** Logs a correction with `code` and the `original` when `condition` holds: the value differs from what the source held. */
export function correctedWhen<T>(
  value: Expression<T>,
  code: string,
  condition: Expression<unknown>,
  original: Expression<unknown>,
): Expression<T> {
  return guarded<T>(value.toOperationNode(), [
    { code, outcome: 'correct', when: condition.toOperationNode(), original: original.toOperationNode() },
  ])
}

/** Counts the row under `code` when `condition` holds, and changes nothing. */
export function noteWhen<T>(value: Expression<T>, code: string, condition: Expression<unknown>): Expression<T> {
  return guarded<T>(value.toOperationNode(), [{ code, outcome: 'note', when: condition.toOperationNode() }])
}

/** A value with the guards that watch over it. */
export function guarded<T>(value: OperationNode, guards: readonly Guard[]): Expression<T> {
  return expressionOf<T>(annotate(value, { kind: 'guarded', guards }))
}

/**
 * Evaluates `value` once a row, however often the result is mentioned. Conversions mention their input two or three times.
 * It is evaluated for every row, even where it stands in a branch of a `case` that is not taken: it must never raise.
 */
export function once<T>(value: Expression<T>): AliasableExpression<T> {
  const node = value.toOperationNode()
  return expressionOf<T>(node.kind === 'ReferenceNode' ? node : annotate(node, { kind: 'once' }))
}

/** A literal or an expression, as an expression. */
export function operand<T>(value: string | number | boolean | null | Expression<T>): Expression<T> {
  return typeof value === 'object' && value !== null ? value : sql.lit(value as T)
}
