import type { DeclaredPlan } from '../plan/declared-plan.ts'
import type { Check, RunSubject } from './check.ts'
import type { CheckName } from './verification.ts'

/**
 * What a migration can declare, and what nobody knows where it declares none: a report must not let its reader believe
 * otherwise.
 */
const kinds: readonly {
  readonly check: CheckName
  readonly kinds: readonly DeclaredPlan['kind'][]
  readonly detail: string
}[] = [
  {
    check: 'business rules',
    kinds: ['assertion'],
    detail: 'The migration declares no rule that its target must keep: none was asked.',
  },
  {
    check: 'parity',
    kinds: ['parity'],
    detail: 'The migration declares no question that must have the same answer in both schemas: none was asked.',
  },
  {
    check: 'access',
    kinds: ['access', 'attempt'],
    detail:
      'Whether each role sees the rows that are its own, and no others, was not tried: the migration does not say.',
  },
  {
    check: 'probes',
    kinds: ['probe'],
    detail: "The application's own client was not tried: the migration declares no probe.",
  },
]

/** A finding `not run` for each kind of check that a migration could declare and does not. */
export const undeclared: Check<RunSubject> = {
  name: 'business rules',
  whenGone: 'fail',
  run: async (_, { plan }) =>
    kinds
      .filter(({ kinds }) => !plan.checks.some(({ kind }) => kinds.includes(kind)))
      .map(({ check, detail }) => ({ check, mapping: null, verdict: 'not run', expected: null, actual: null, detail })),
}
