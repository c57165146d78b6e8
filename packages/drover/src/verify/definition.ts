import type { Constraint } from '../catalog/table.ts'

/** What a constraint says, whether or not the server vouches for it. */
export function definitionOf({ definition }: Constraint): string {
  return definition.replace(/ NOT (VALID|ENFORCED)$/, '')
}
