import { exitCodes } from './exit.ts'
import type { Io } from './io.ts'

/**
 * npm hands on a Ctrl-C that the terminal has already sent to every process: two signals within this time, in
 * milliseconds, are one.
 */
const sameInterruptMs = 150

/** Ctrl-C, while a command does something that can be ended in good order. */
export interface Interrupt {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal
  /** Ctrl-C ends the process again, as it does by default. */
  release(): void
}

/** The first Ctrl-C aborts the signal, the second ends the process at once: a run can take that at any moment (I3). */
export function listenForInterrupt(io: Io): Interrupt {
  const controller = new AbortController()
  let firstAt = 0
  const release = io.onInterrupt(() => {
    if (!controller.signal.aborted) {
      firstAt = performance.now()
      controller.abort()
    } else if (performance.now() - firstAt > sameInterruptMs) {
      io.exitNow(exitCodes.interrupted)
    }
  })
  return { signal: controller.signal, release }
}
