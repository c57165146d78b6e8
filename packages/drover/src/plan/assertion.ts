import type { AssertionDefinition } from '../define/check.ts'
import type { DeclaredContext } from './declared.ts'
import type { AssertionPlan } from './plan.ts'

/** To come. */
export function assertionPlan(_check: AssertionDefinition, _context: DeclaredContext): AssertionPlan {
  throw new Error('to come')
}
