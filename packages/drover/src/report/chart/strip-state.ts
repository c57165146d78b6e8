import type { StripCell } from '../course.ts'

/** What a cell shows: the worst that is to be said of one of its chunks, else how far they are. */
export type StripState = 'failed' | 'begun' | 'retried' | 'done' | 'open'

/** Neighbouring cells of a strip that look alike. */
export interface StripRun {
  readonly state: StripState
  /** Of a `done` cell: quarters of its chunks, 1 to 4. */
  readonly quarters: number
  /** The first cell, and how many. */
  readonly from: number
  readonly cells: number
}

/** The cells of a strip, from the first to the last. */
export function buildRuns(strip: readonly StripCell[]): readonly StripRun[] {
  const runs: StripRun[] = []
  for (const [from, cell] of strip.entries()) {
    const state = stateOf(cell)
    const quarters = state === 'done' ? Math.max(1, Math.floor((cell.done / cell.chunks) * 4)) : 4
    const last = runs.at(-1)
    if (last?.state === state && last.quarters === quarters) runs[runs.length - 1] = { ...last, cells: last.cells + 1 }
    else runs.push({ state, quarters, from, cells: 1 })
  }
  return runs
}

function stateOf({ chunks, done, retried, begun, failed }: StripCell): StripState {
  if (failed > 0) return 'failed'
  if (begun > 0) return 'begun'
  if (retried > 0) return 'retried'
  return done > 0 && chunks > 0 ? 'done' : 'open'
}

/**
 * How many of the rows of a cell were set aside, in steps of ten: 0 none, 1 up to 0.1 %, 2 up to 1 %, 3 up to 10 %, 4
 * more.
 */
export function quarantineStep({ rows, quarantined }: StripCell): number {
  if (quarantined <= 0) return 0
  const part = quarantined / Math.max(rows, quarantined)
  return part <= 0.001 ? 1 : part <= 0.01 ? 2 : part <= 0.1 ? 3 : 4
}
