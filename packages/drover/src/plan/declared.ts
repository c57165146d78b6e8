import type { Catalog } from '../catalog/catalog.ts'
import type { DeclaredCheck } from '../define/check.ts'
import type { MigrationDefinition } from '../define/migration.ts'
import { accessPlan } from './access.ts'
import { assertionPlan } from './assertion.ts'
import { attemptPlan } from './attempt.ts'
import type { DeclaredPlan } from './declared-plan.ts'
import { parityPlan } from './parity.ts'

/** What the checks of a migration are compiled with. */
export interface DeclaredContext {
  readonly definition: MigrationDefinition
  readonly catalog: Catalog
  /** Notes a finding: why the check cannot be asked, a sentence without its subject. */
  readonly complain: (sentence: string) => void
  /**
   * Whether there is a ledger to read: otherwise relations of the same columns, without rows, stand for what a run leaves
   * in it.
   */
  readonly hasLedger: boolean
}

/** The checks that a migration declares, as SQL. Adds to `findings` why one cannot be asked, with its place. */
export function checkPlans(
  definition: MigrationDefinition,
  catalog: Catalog,
  findings: string[],
  hasLedger = true,
): readonly DeclaredPlan[] {
  return definition.checks.map((check) => {
    const complain = (sentence: string) => findings.push(`check ${check.name}: ${sentence}`)
    return checkPlan(check, { definition, catalog, complain, hasLedger })
  })
}

function checkPlan(check: DeclaredCheck, context: DeclaredContext): DeclaredPlan {
  switch (check.kind) {
    case 'assertion':
      return assertionPlan(check, context)
    case 'parity':
      return parityPlan(check, context)
    case 'access':
      return accessPlan(check, context)
    case 'attempt':
      return attemptPlan(check, context)
    case 'probe':
      return { kind: 'probe', name: check.name }
  }
}
