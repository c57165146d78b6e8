import type { LegacyTable } from './scale.ts'

export interface TableDefectPlan {
  readonly countAtS: number
  readonly outcome: string
  /** A validated foreign key makes it impossible. */
  readonly needsLooseKeys?: true
}

/** The defects of every table but metric_values, which has its own list; they grow with their table. */
export const tableDefects = {
  'clinics/duplicate': { countAtS: 1, outcome: 'merged' },
  'users/case-duplicate': { countAtS: 4, outcome: 'merged with another row of the person' },
  'users/padded-email': { countAtS: 2, outcome: 'loaded' },
  'users/invalid-email': { countAtS: 1, outcome: 'quarantined invalid-email' },
  'users/blank-email': { countAtS: 1, outcome: 'quarantined no-email' },
  'users/odd-role': { countAtS: 4, outcome: 'corrected alias, unless it differs in case and padding only' },
  'users/unknown-role': { countAtS: 2, outcome: 'corrected unknown-role' },
  'users/system-admin': { countAtS: 1, outcome: 'corrected system-admin, excluded from roles' },
  'users/orphan-clinic': { countAtS: 1, outcome: 'corrected orphan-clinic, excluded from roles', needsLooseKeys: true },
  'users/auth-match': { countAtS: 6, outcome: 'matched' },
  'providers/twin': { countAtS: 3, outcome: 'loaded' },
  'data_sources/empty-token': { countAtS: 2, outcome: 'excluded from credentials, its connection corrected no-token' },
  'data_sources/expired': { countAtS: 3, outcome: 'loaded, its connection corrected needs-reauth' },
  'data_sources/shared': { countAtS: 1, outcome: 'loaded' },
  'data_sources/extra-sheet': { countAtS: 2, outcome: 'merged into one connection and one credential' },
  'goals/reversed': { countAtS: 10, outcome: 'corrected reversed-range' },
  'goals/unscoped': { countAtS: 6, outcome: 'quarantined no-clinic' },
  'goals/unparsable': { countAtS: 5, outcome: 'quarantined not-a-number' },
  'goals/annual': { countAtS: 8, outcome: 'corrected alias' },
  'goals/provider-only': { countAtS: 4, outcome: 'corrected derived-clinic' },
  'dashboards/second-default': { countAtS: 3, outcome: 'the older default is corrected second-default' },
  'dashboards/orphan': { countAtS: 1, outcome: 'quarantined orphan-user, its widgets waiting', needsLooseKeys: true },
} as const satisfies Record<`${LegacyTable}/${string}`, TableDefectPlan>

export type TableDefect = keyof typeof tableDefects
