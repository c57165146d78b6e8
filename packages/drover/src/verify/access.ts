import type { Check, DeclaredSubject } from './check.ts'

/** To come. */
export const access: Check<DeclaredSubject> = {
  name: 'access',
  whenGone: 'fail',
  run: async () => [],
}

/** To come. */
export const attempts: Check<DeclaredSubject> = {
  name: 'access',
  whenGone: 'fail',
  run: async () => [],
}
