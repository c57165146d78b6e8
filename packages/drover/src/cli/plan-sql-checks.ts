import type { DeclaredPlan } from '../plan/declared-plan.ts'
import { block, comment, type Step } from './sql-blocks.ts'

/** What `drover verify` asks besides its own checks: nothing where the migration declares nothing. */
export function renderChecks(checks: readonly DeclaredPlan[]): readonly string[] {
  if (checks.length === 0) return []
  return [
    comment([
      'What the migration declares, and `drover verify` asks of the loaded run besides its own checks: read-only, each in',
      `a transaction with the run in the setting drover.run.`,
    ]),
    ...checks.flatMap((check) => block(`verify: ${check.kind} ${check.name}`, steps(check))),
  ]
}

function steps(check: DeclaredPlan): readonly Step[] {
  switch (check.kind) {
    case 'assertion':
      return [
        ['the rows that break the rule', check.statement],
        ['the rows that a percentage is taken of', check.countAll],
      ]
    case 'parity':
      return [['the rows that differ', check.statement]]
    case 'access':
      return [
        ['the actors', check.actors],
        ['what is theirs', check.expected],
        [`what each sees, asked as ${check.role}`, check.visible],
      ]
    case 'attempt':
      return [
        ['the actors', check.actors],
        [`tried as ${check.role}, and rolled back`, check.write],
      ]
    case 'probe':
      return [['asked by a function of the migration file', null]]
  }
}
