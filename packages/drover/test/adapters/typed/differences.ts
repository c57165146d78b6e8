import type { Insertable, Selectable, Updateable } from 'kysely'

/** Where adapted types say something else than `drover types` of the same database, as `public.t.column: what`. */
export type Differences<Truth, Adapted> = {
  [T in (keyof Truth | keyof Adapted) & string]: T extends keyof Truth
    ? T extends keyof Adapted
      ? OfColumns<T, Truth[T], Adapted[T]>
      : `${T}: missing`
    : `${T}: unknown`
}[(keyof Truth | keyof Adapted) & string]

type OfColumns<T extends string, Truth, Adapted> = {
  [C in (keyof Truth | keyof Adapted) & string]: C extends keyof Truth
    ? C extends keyof Adapted
      ? `${T}.${C}: ${Difference<Truth, Adapted, C>}`
      : `${T}.${C}: missing`
    : `${T}.${C}: unknown`
}[(keyof Truth | keyof Adapted) & string]

/** The columns that are read as another type, or as one of several. */
export type Confusions<Truth, Adapted> = {
  [T in keyof Truth & keyof Adapted & string]: {
    [C in keyof Truth[T] & keyof Adapted[T] & string]: Same<
      Of<Selectable<Truth[T]>, C>,
      Of<Selectable<Adapted[T]>, C>
    > extends true
      ? never
      : `${T}.${C}`
  }[keyof Truth[T] & keyof Adapted[T] & string]
}[keyof Truth & keyof Adapted & string]

type Difference<Truth, Adapted, C> =
  | (Has<Insertable<Truth>, C> extends Has<Insertable<Adapted>, C> ? never : 'insertable')
  | (Has<Updateable<Truth>, C> extends Has<Updateable<Adapted>, C> ? never : 'updateable')
  | (IsRequired<Insertable<Truth>, C> extends IsRequired<Insertable<Adapted>, C> ? never : 'required')
  | (IsNull<Selectable<Truth>, C> extends IsNull<Selectable<Adapted>, C> ? never : 'nullable')
  | (IsNull<Insertable<Truth>, C> extends IsNull<Insertable<Adapted>, C> ? never : 'takes null')
  | (Of<Insertable<Truth>, C> extends Of<Insertable<Adapted>, C> ? never : 'takes')

type Has<Row, C> = C extends keyof Row ? true : false
type IsRequired<Row, C> = C extends keyof Row ? (Record<never, never> extends Pick<Row, C> ? false : true) : false
type IsNull<Row, C> = C extends keyof Row ? (null extends Row[C] ? true : false) : false
type Of<Row, C> = C extends keyof Row ? NonNullable<Row[C]> : never

/** Whether two types are one: being assignable to each other is not enough, as text and string are. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
export const same = <_A, _B>(_same: Same<_A, _B>) => {}
