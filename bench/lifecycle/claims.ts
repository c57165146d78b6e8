import { type Claim, timesAsLong } from '../harness/claim.ts'
import type { Measured } from '../harness/measure.ts'

/** What everything costs beside the run itself. */
export function lifecycleClaims(measured: readonly Measured[]): readonly Claim[] {
  const beside = (name: string) => timesAsLong(measured, name, 'run')
  return [
    { says: 'comparison of all rows, as a part of the time of the run', value: beside('row comparison'), atMost: 0.4 },
    { says: 'everything that is verified, as a part of it', value: beside('verify') },
    { says: 'check, as a part of it', value: beside('check') },
    { says: 'rollback, as a part of it', value: beside('rollback') },
  ]
}
