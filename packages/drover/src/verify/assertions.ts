import type { Check, DeclaredSubject } from './check.ts'

/** To come. */
export const assertions: Check<DeclaredSubject> = {
  name: 'business rules',
  whenGone: 'fail',
  run: async () => [],
}
