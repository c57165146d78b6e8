import type { Catalog } from '../catalog/catalog.ts'
import type { MigrationDefinition } from '../define/migration.ts'
import { parseName } from '../sql/nodes.ts'
import { checkPlans } from './declared.ts'
import type { DeclaredPlan } from './declared-plan.ts'
import { tablesIn } from './lineage.ts'
import { ledgerSchema } from './plan.ts'

/** A statement of a declared check that is made to be planned by the server alone, before there is a ledger. */
export interface CheckProbe {
  readonly check: string
  readonly statement: string
}

/**
 * Statements that say whether the server can plan what the declared checks ask. Relations without rows stand for what a
 * run leaves in the ledger. For a migration that can be planned: what is wrong with its definition is not told again.
 */
export function buildCheckProbes(definition: MigrationDefinition, catalog: Catalog): readonly CheckProbe[] {
  // What names a table of the ledger outright cannot be planned before there is one.
  const checks = definition.checks.filter((check) =>
    tablesIn(check).every((table) => parseName(table).schema !== ledgerSchema),
  )
  return checkPlans({ ...definition, checks }, catalog, [], false).flatMap((plan) =>
    statementsOf(plan).flatMap((statement) => (statement === null ? [] : [{ check: plan.name, statement }])),
  )
}

/** Those that take no parameters and are asked as the owner; what an actor sees is asked by the same query as any. */
function statementsOf(plan: DeclaredPlan): readonly (string | null)[] {
  switch (plan.kind) {
    case 'assertion':
      return [plan.statement, plan.countAll]
    case 'parity':
      return [plan.statement]
    case 'access':
      return [plan.actors, plan.expected, plan.visible]
    case 'attempt':
      return [plan.actors]
    case 'probe':
      return []
  }
}
