import type { ParityDefinition } from '../define/check.ts'
import type { DeclaredContext } from './declared.ts'
import type { ParityPlan } from './plan.ts'

/** To come. */
export function parityPlan(_check: ParityDefinition, _context: DeclaredContext): ParityPlan {
  throw new Error('to come')
}
