import type { Check, DeclaredSubject } from './check.ts'

/** To come. */
export const probes: Check<DeclaredSubject> = {
  name: 'probes',
  whenGone: 'fail',
  run: async () => [],
}
