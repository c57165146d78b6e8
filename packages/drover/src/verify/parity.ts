import type { Check, DeclaredSubject } from './check.ts'

/** To come. */
export const parity: Check<DeclaredSubject> = {
  name: 'parity',
  whenGone: 'fail',
  run: async () => [],
}
