import type { Check, MappingSubject } from './check.ts'

/** To come. */
export const controlTotals: Check<MappingSubject> = {
  name: 'control totals',
  whenGone: 'fail',
  run: async () => [],
}
