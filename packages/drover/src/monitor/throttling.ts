import type { Throttling } from '../ledger/sample.ts'

const effects: Readonly<Record<Throttling['action'], (workers: number) => string>> = {
  wait: () => 'waits',
  'fewer-workers': (workers) => `works with ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
  'smaller-chunks': () => 'makes smaller chunks',
}

/** `throttled and waits: a replica is 45 s behind, the limit is 30 s`: what it does, and why, without a full stop. */
export function describeThrottling({ action, workers, reason }: Omit<Throttling, 'process'>): string {
  return `throttled and ${effects[action](workers)}: ${reason}`
}
