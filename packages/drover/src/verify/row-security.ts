import { findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Policy, Table } from '../catalog/table.ts'
import { type Check, soleMapping, type TableSubject } from './check.ts'

/** Row security of the targets is as it was when the plan was made: whether it is on, for whom, and every policy. */
export const rowSecurity: Check<TableSubject> = {
  name: 'row security',
  whenGone: 'fail',
  run: async (_, subject) => {
    const name = qualifiedName(subject.table)
    const now = findTable(subject.now, name)
    if (!isGuarded(subject.table) && (now === undefined || !isGuarded(now))) return []
    const faults = now === undefined ? ['the table is gone'] : differencesOf(subject.table, now)
    return [
      {
        check: 'row security',
        mapping: soleMapping(subject),
        verdict: faults.length === 0 ? 'pass' : 'fail',
        expected: printed(subject.table),
        actual: now === undefined ? 'no table' : printed(now),
        detail:
          faults.length === 0
            ? `Row security of ${name} is as it was when the plan was made.`
            : `Row security of ${name} is not as it was when the plan was made: ${faults.join('; ')}.`,
      },
    ]
  },
}

function isGuarded({ rowSecurity, forceRowSecurity, policies }: Table): boolean {
  return rowSecurity || forceRowSecurity || policies.length > 0
}

function printed({ rowSecurity, forceRowSecurity, policies }: Table): string {
  const state = rowSecurity ? 'on' : 'off'
  return `${state}${forceRowSecurity ? ', owner included' : ''}, ${policies.length === 1 ? '1 policy' : `${policies.length} policies`}`
}

function differencesOf(planned: Table, now: Table): readonly string[] {
  const names = [...new Set([...planned.policies, ...now.policies].map(({ name }) => name))].sort()
  const named = ({ policies }: Table, name: string) => policies.find((policy) => policy.name === name)
  return [
    planned.rowSecurity === now.rowSecurity ? '' : `it is ${now.rowSecurity ? 'on' : 'off'}`,
    planned.forceRowSecurity === now.forceRowSecurity
      ? ''
      : `the owner is ${now.forceRowSecurity ? 'subject to it' : 'exempt'}`,
    ...names.map((name) => faultOf(name, named(planned, name), named(now, name))),
  ].filter(Boolean)
}

function faultOf(name: string, planned: Policy | undefined, now: Policy | undefined): string {
  if (planned === undefined) return `policy ${name} is new`
  if (now === undefined) return `policy ${name} is missing`
  const parts = ['command', 'permissive', 'roles', 'using', 'check'] as const
  const changed = parts.filter((part) => JSON.stringify(planned[part]) !== JSON.stringify(now[part]))
  return changed.length === 0 ? '' : `policy ${name} has another ${changed.map((part) => words[part]).join(', ')}`
}

const words = {
  command: 'command',
  permissive: 'kind',
  roles: 'set of roles',
  using: 'condition (using)',
  check: 'condition (with check)',
} as const
