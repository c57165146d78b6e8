import type { CheckName, Finding } from '../../verify/verification.ts'

/** What a check is about, in the order in which it is shown. */
export const findingGroups = ['Rows', 'Integrity', 'Business rules', 'Parity', 'Access'] as const

/** Under which heading a finding is shown. */
export type FindingGroup = (typeof findingGroups)[number]

/** A check that is new has to be given its place here: the type asks for all of them. */
const groupOfCheck: Readonly<Record<CheckName, FindingGroup>> = {
  'frozen source': 'Rows',
  conservation: 'Rows',
  'source rows': 'Rows',
  'stored query': 'Rows',
  dispositions: 'Rows',
  'crosswalk keys': 'Rows',
  'target keys': 'Rows',
  quarantine: 'Rows',
  merges: 'Rows',
  'control totals': 'Rows',
  'targets exist': 'Rows',
  'row comparison': 'Rows',
  'target rows': 'Rows',
  fingerprint: 'Rows',
  columns: 'Integrity',
  references: 'Integrity',
  'undeclared references': 'Integrity',
  'check constraints': 'Integrity',
  uniqueness: 'Integrity',
  indexes: 'Integrity',
  triggers: 'Integrity',
  sequences: 'Integrity',
  'business rules': 'Business rules',
  parity: 'Parity',
  'row security': 'Access',
  access: 'Access',
  probes: 'Access',
}

/** The findings of a group: failures first, then warnings, in the order of the checks. */
export function findingsOf(group: FindingGroup, findings: readonly Finding[]): readonly Finding[] {
  const weight = { fail: 0, warn: 1, 'not run': 2, pass: 3 } as const
  return findings
    .filter(({ check }) => groupOfCheck[check] === group)
    .toSorted((a, b) => weight[a.verdict] - weight[b.verdict])
}
