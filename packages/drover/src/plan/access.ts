import type { AccessDefinition } from '../define/access.ts'
import type { AttemptDefinition } from '../define/attempt.ts'
import type { DeclaredContext } from './declared.ts'
import type { AccessPlan, AttemptPlan } from './plan.ts'

/** To come. */
export function accessPlan(_check: AccessDefinition, _context: DeclaredContext): AccessPlan {
  throw new Error('to come')
}

/** To come. */
export function attemptPlan(_check: AttemptDefinition, _context: DeclaredContext): AttemptPlan {
  throw new Error('to come')
}
