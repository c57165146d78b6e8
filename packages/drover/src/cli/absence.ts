import { reactionOf } from '../db/reaction.ts'
import { renderDuration } from '../report/figures.ts'
import { renderJsonLine } from './result.ts'

/** That the server does not answer, or does again. */
export interface Absence {
  readonly absence: 'away' | 'back'
  readonly runId: string
  /** How long nothing was heard of it, in milliseconds. */
  readonly ms: number
}

/**
 * How long nothing is heard of a server before that is told, in milliseconds. A reading of the ledger may take half of
 * it.
 */
const toldAfterMs = 10_000
const lookMs = 250

/**
 * Watches over readings of the ledger, one after the other, and tells once that the server does not answer, and once that it
 * does again. A reading that resolves to undefined was given up.
 */
export function watchAbsence(runId: string, tell: (absence: Absence) => void) {
  let heardAtMs = performance.now()
  let isAway = false
  const ms = () => performance.now() - heardAtMs
  const look = () => {
    if (isAway || ms() < toldAfterMs) return
    isAway = true
    tell({ absence: 'away', runId, ms: ms() })
  }
  const hear = () => {
    if (isAway) tell({ absence: 'back', runId, ms: ms() })
    isAway = false
    heardAtMs = performance.now()
  }
  return async <T>(read: () => Promise<T | undefined>): Promise<T | undefined> => {
    const timer = setInterval(look, lookMs)
    try {
      const reading = await read()
      if (reading !== undefined) hear()
      return reading
    } catch (thrown) {
      // What refuses a statement answers.
      if (reactionOf(thrown) !== 'reconnect') hear()
      throw thrown
    } finally {
      clearInterval(timer)
    }
  }
}

/** As a sentence for people. */
export function absenceLine({ absence, ms }: Absence): string {
  return absence === 'away'
    ? `The server has not answered for ${renderDuration(ms)}: this process tries again, and does nothing twice.`
    : `The server answers again, after ${renderDuration(ms)}.`
}

/** As a line of JSON for programs. */
export function absenceEvent({ absence, runId, ms }: Absence): string {
  return renderJsonLine({ event: absence, runId, ms: Math.round(ms) })
}
