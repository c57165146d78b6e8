import { type ClinicPlan, layOutClinics } from './clinic-layout.ts'
import { type LegacyTable, rowsByScale, type Scale, scaledCount } from './scale.ts'
import { wholeNumber } from './sql-text.ts'

export interface GeneratorOptions {
  readonly scale: Scale
  /** A whole number. The same seed gives the same rows on every server. */
  readonly seed: number
  /** `strict`: no row refers to a parent that does not exist. `loose`: some do. */
  readonly foreignKeys: 'strict' | 'loose'
  /** Also make twenty metric values with several defects each, which no count includes. */
  readonly compound?: boolean
}

/** Everything that is settled before the first row is made. */
export interface Blueprint {
  readonly scale: Scale
  readonly seed: number
  readonly foreignKeys: 'strict' | 'loose'
  readonly rows: Readonly<Record<LegacyTable, number>>
  readonly clinics: readonly ClinicPlan[]
  readonly defects: Readonly<Record<TableDefect, number>>
}

/** Defects of every table but metric_values: how many at scale `s`, and the table they grow with. */
const tableDefects = {
  'clinics/duplicate': [1, 'clinics'],
  'users/case-duplicate': [4, 'users'],
  'users/padded-email': [2, 'users'],
  'users/invalid-email': [1, 'users'],
  'users/blank-email': [1, 'users'],
  'users/odd-role': [4, 'users'],
  'users/unknown-role': [2, 'users'],
  'users/system-admin': [1, 'users'],
  'users/orphan-clinic': [1, 'users'],
  'users/auth-match': [6, 'users'],
  'providers/twin': [3, 'providers'],
  'data_sources/empty-token': [2, 'data_sources'],
  'data_sources/expired': [3, 'data_sources'],
  'data_sources/shared': [1, 'data_sources'],
  'data_sources/extra-sheet': [2, 'data_sources'],
  'goals/reversed': [10, 'goals'],
  'goals/unscoped': [6, 'goals'],
  'goals/unparsable': [5, 'goals'],
  'goals/annual': [8, 'goals'],
  'goals/provider-only': [4, 'goals'],
  'dashboards/second-default': [3, 'dashboards'],
  'dashboards/orphan': [1, 'dashboards'],
} as const satisfies Record<string, readonly [countAtS: number, table: LegacyTable]>

export type TableDefect = keyof typeof tableDefects

/** Defects that a validated foreign key forbids. */
const needsLooseKeys: readonly string[] = ['users/orphan-clinic', 'dashboards/orphan'] satisfies TableDefect[]

export function drawBlueprint(options: GeneratorOptions): Blueprint {
  const { scale, foreignKeys } = options
  wholeNumber(options.seed)
  const defects = Object.fromEntries(
    Object.entries(tableDefects).map(([defect, [countAtS, table]]) => [
      defect,
      foreignKeys === 'strict' && needsLooseKeys.includes(defect) ? 0 : scaledCount(countAtS, table, scale),
    ]),
  ) as Record<TableDefect, number>
  const rows = rowsByScale[scale]
  return {
    scale,
    seed: options.seed,
    foreignKeys,
    rows,
    clinics: layOutClinics(rows.clinics, defects['clinics/duplicate']),
    defects,
  }
}
