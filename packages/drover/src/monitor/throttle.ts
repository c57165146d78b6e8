import type { Decision } from './decide.ts'

/** How much of its strength a process may use now. */
export interface Throttle {
  /** Workers that may take a chunk; 0 while it waits. */
  readonly workers: number
  /** The share of the usual time that a chunk may aim at, from 1 down to 1/16. */
  readonly chunkShare: number
  /** Samples without a complaint since the last one. */
  readonly calm: number
  /** Workers to go on with after a wait. */
  readonly resumeWith: number
}

/** After this many calm samples, one worker more and twice the time for a chunk: caution is given up slowly. */
const calmSamples = 5
const smallestShare = 1 / 16

/** Full strength. */
export function unthrottled(workers: number): Throttle {
  return { workers, chunkShare: 1, calm: 0, resumeWith: workers }
}

/** Follows a decision: down at once, up step by step, never below one worker but while it waits. */
export function throttle(now: Throttle, decision: Decision, mostWorkers: number): Throttle {
  const atWork = now.workers === 0 ? now.resumeWith : now.workers
  switch (decision.action) {
    case 'wait':
      return {
        ...now,
        workers: 0,
        calm: 0,
        resumeWith: Math.max(1, now.workers === 0 ? atWork : Math.ceil(atWork / 2)),
      }
    case 'fewer-workers': {
      const workers = Math.max(1, atWork - 1)
      return { ...now, workers, calm: 0, resumeWith: workers }
    }
    case 'smaller-chunks':
      return { workers: atWork, chunkShare: Math.max(smallestShare, now.chunkShare / 2), calm: 0, resumeWith: atWork }
    case 'go': {
      const calm = now.calm + 1
      if (calm < calmSamples) return { ...now, workers: atWork, calm, resumeWith: atWork }
      const workers = Math.min(mostWorkers, atWork + 1)
      return { workers, chunkShare: Math.min(1, now.chunkShare * 2), calm: 0, resumeWith: workers }
    }
  }
}
