/** The sizes of the fixture: `xs` for one defect alone, `s` for tests and the demo, `m` for measurements. */
export type Scale = 'xs' | 's' | 'm'

export type LegacyTable =
  | 'clinics'
  | 'users'
  | 'providers'
  | 'metric_definitions'
  | 'data_sources'
  | 'column_mappings'
  | 'metric_values'
  | 'goals'
  | 'dashboards'
  | 'widgets'

/** Rows per legacy table. */
export const rowsByScale: Readonly<Record<Scale, Readonly<Record<LegacyTable, number>>>> = {
  xs: {
    clinics: 6,
    users: 18,
    providers: 18,
    metric_definitions: 20,
    data_sources: 12,
    column_mappings: 12,
    metric_values: 400,
    goals: 40,
    dashboards: 20,
    widgets: 40,
  },
  s: {
    clinics: 6,
    users: 40,
    providers: 24,
    metric_definitions: 20,
    data_sources: 12,
    column_mappings: 60,
    metric_values: 10_000,
    goals: 300,
    dashboards: 50,
    widgets: 300,
  },
  m: {
    clinics: 60,
    users: 900,
    providers: 480,
    metric_definitions: 20,
    data_sources: 300,
    column_mappings: 1_800,
    metric_values: 1_000_000,
    goals: 9_000,
    dashboards: 1_200,
    widgets: 8_000,
  },
}

/** A count that was fixed for scale `s`, grown with its table: rounded, and at least 1. */
export function scaledCount(countAtS: number, table: LegacyTable, scale: Scale): number {
  const growth = rowsByScale[scale][table] / rowsByScale.s[table]
  return Math.max(1, Math.round(countAtS * growth))
}
