import type { CheckName, Finding } from './verification.ts'

/** What a verification does not look at, a sentence each: a report must not let its reader believe otherwise. */
const notLookedAt: Readonly<Partial<Record<CheckName, string>>> = {
  sequences: 'Whether sequences stand ahead of the keys that were loaded was not checked.',
  'business rules': 'No rule or parity question of the application was asked.',
  access: 'Whether each role sees the rows that are its own, and no others, was not tried.',
}

/** A finding `not run` for each of them. */
export const notRun: readonly Finding[] = Object.entries(notLookedAt).map(([check, detail]) => ({
  check: check as CheckName,
  mapping: null,
  verdict: 'not run',
  expected: null,
  actual: null,
  detail,
}))
