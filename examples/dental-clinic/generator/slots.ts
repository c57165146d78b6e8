import { literal } from './sql-text.ts'

/** A run of consecutive row numbers that is set aside for one kind of row. */
export interface Slot {
  readonly name: string
  readonly first: number
  readonly last: number
}

/** Hands out row numbers from `first` on, each kind its own run; kinds of which there are none get nothing. */
export function allotSlots(first: number, kinds: readonly { name: string; count: number }[]): Slot[] {
  let next = first
  return kinds
    .filter((kind) => kind.count > 0)
    .map(({ name, count }) => {
      const slot = { name, first: next, last: next + count - 1 }
      next += count
      return slot
    })
}

/** The slots as a relation `slot (name, first, last)`. */
export function slotRelation(slots: readonly Slot[]): string {
  if (slots.length === 0) return '(select null::text, 0, 0 where false) as slot (name, first, last)'
  const values = slots.map(({ name, first, last }) => `(${literal(name)}, ${first}, ${last})`)
  return `(values ${values.join(', ')}) as slot (name, first, last)`
}
