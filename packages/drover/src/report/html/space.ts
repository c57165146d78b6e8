import type { Html } from './markup.ts'

/**
 * The bytes that a part of a page may still take. What is put into the page is taken off it, so that no run, however
 * large and with whatever names, makes a page that a browser cannot open.
 */
export interface Space {
  left: number
  /** The space that this one is a share of. */
  readonly whole?: Space
}

/** What of a list has its place in the page, and how many items have none. */
export interface Fitted {
  readonly shown: readonly Html[]
  readonly more: number
}

/** A new space of so many bytes. */
export function newSpace(bytes: number): Space {
  return { left: bytes }
}

/**
 * A share of what is left of a space: `0.5` is half of it. What is put into the share is taken off both; what it
 * leaves, the space still has.
 */
export function shareOf(space: Space, share: number): Space {
  return { left: Math.floor(space.left * share), whole: space }
}

/** A space without end, for what is fitted as a whole. */
export function boundless(): Space {
  return { left: Number.POSITIVE_INFINITY }
}

/**
 * Renders items as long as there is space, `most` of them at most. The bytes are taken off the space. An item that does
 * not fit ends the list, also where a smaller one behind it would fit: what is shown is always the beginning.
 */
export function fit<Item>(
  space: Space,
  items: readonly Item[],
  most: number,
  render: (item: Item, index: number) => Html,
): Fitted {
  const shown: Html[] = []
  for (const [index, item] of items.slice(0, most).entries()) {
    const rendered = render(item, index)
    const bytes = Buffer.byteLength(rendered.toString())
    if (bytes > space.left) break
    take(space, bytes)
    shown.push(rendered)
  }
  return { shown, more: items.length - shown.length }
}

function take(space: Space, bytes: number): void {
  space.left -= bytes
  if (space.whole !== undefined) take(space.whole, bytes)
}
