import type { Database } from '../db/connection.ts'
import { takeLandingLease } from '../ledger/landing-generation.ts'
import { landingBusy } from './busy.ts'
import { heldOpen } from './snapshot.ts'

/** Only one process lands at a time. @throws DroverError `landing-busy` */
export function withLease<T>(target: Database, work: () => Promise<T>): Promise<T> {
  return heldOpen(
    target,
    async (tx) => {
      if (await takeLandingLease(tx)) return work()
      throw landingBusy(target.label)
    },
    { name: 'land lease', readOnly: true },
  )
}
