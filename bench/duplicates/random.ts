/** Numbers that look random and are the same for the same seed. */
export interface Source {
  /** From 0 up to but without 1. */
  next(): number
  /** A whole number from 0 up to but without `limit`. */
  below(limit: number): number
  chance(share: number): boolean
}

/** Source: mulberry32, Tommy Ettinger, public domain. */
export function randomFrom(seed: number): Source {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  return { next, below: (limit) => Math.floor(next() * limit), chance: (share) => next() < share }
}
