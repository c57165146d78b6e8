import { type Expression, sql } from 'kysely'
import type { Guard } from '../sql/annotation.ts'
import { guarded, once } from './guard.ts'
import type { date, timestamp, timestamptz } from './sql-types.ts'

/** Two ends, of which the first does not lie after the second. */
export interface Span<S, E> {
  readonly from: Expression<S>
  readonly to: Expression<E>
}

/** Two ends that may be reversed, until their author decides what that means. One that is null is reversed by nothing. */
export interface Ordered<S, E> {
  /** The ends change places; a correction of each column keeps what stood there. */
  orSwap(code?: string): Span<S, E>
  /** Both ends become null; a correction of each column keeps what stood there. */
  orNull(code?: string): Span<S | null, E | null>
  /** The row is set aside with `code`, the original row kept. */
  orQuarantine(code?: string): Span<S, E>
  /** As `orQuarantine`, and the row counts as accepted at once. */
  orReject(code?: string): Span<S, E>
}

/** What is kept of two ends that stood the wrong way round. */
export interface OrderedOptions {
  /** What a correction keeps of each end, such as the columns that the ends were made of. Default: the ends themselves. */
  readonly originals?: readonly [Expression<unknown>, Expression<unknown>]
}

/**
 * Two dates or times that begin and end something. Where the first lies after the second they are reversed, under the code
 * `reversed-range`; equal ones are in order.
 *
 * SQL: `case when start > end then end else start end` and the reverse
 */
export function ordered<S extends date | timestamp | timestamptz | null, E extends Exclude<S, null> | null>(
  start: Expression<S>,
  end: Expression<E>,
  options: OrderedOptions = {},
): Ordered<S, E> {
  const [from, to] = [once(start), once(end)]
  const [fromWas, toWas] = options.originals ?? [from, to]
  const isReversed = once(sql<boolean>`${from} > ${to}`)
  const when = isReversed.toOperationNode()
  const corrected = <T>(value: Expression<T>, code: string, original: Expression<unknown>) =>
    guarded<T>(value.toOperationNode(), [{ code, outcome: 'correct', when, original: original.toOperationNode() }])
  // One guard on both ends: the row is set aside once, whichever of them is mapped.
  const setAside = (guard: Guard): Span<S, E> => ({
    from: guarded<S>(from.toOperationNode(), [guard]),
    to: guarded<E>(to.toOperationNode(), [guard]),
  })
  return {
    orSwap: (code = reversed.code) => ({
      from: corrected(once(sql<S>`case when ${isReversed} then ${to} else ${from} end`), code, fromWas),
      to: corrected(once(sql<E>`case when ${isReversed} then ${from} else ${to} end`), code, toWas),
    }),
    orNull: (code = reversed.code) => ({
      from: corrected(sql<S | null>`case when ${isReversed} is not true then ${from} end`, code, fromWas),
      to: corrected(sql<E | null>`case when ${isReversed} is not true then ${to} end`, code, toWas),
    }),
    orQuarantine: (code = reversed.code) => setAside({ code, outcome: 'quarantine', when }),
    orReject: (code = reversed.code) => setAside({ code, outcome: 'quarantine', accepted: true, when }),
  }
}

const reversed = { code: 'reversed-range' } as const
