import type { App, PublicMemberRole } from '../app.types.ts'

/** A table whose rows name their clinic. */
type TenantTable = { [T in keyof App]: App[T] extends { readonly clinic_id: unknown } ? T : never }[keyof App]

/** Who may see a row, and who may write one. Deleting is for an administrator of the clinic wherever writing is possible. */
interface Guard {
  /** Members of the row's clinic, its administrators, or also everybody where it names no clinic. */
  readonly reads: 'members' | 'administrators' | 'members and shared'
  /** The weakest role that writes in its clinic; null where nobody does. */
  readonly writes: PublicMemberRole | null
}

/** Rows of these have rules of their own. */
type Apart = 'public.google_credentials' | 'public.dashboards'

/** What the design says of every tenant table, apart from what its policies say. A new table does not compile without. */
const guards: Readonly<Record<Exclude<TenantTable, Apart>, Guard>> = {
  'public.user_clinic_roles': { reads: 'members', writes: 'clinic_admin' },
  'public.clinic_invitations': { reads: 'administrators', writes: 'clinic_admin' },
  'public.locations': { reads: 'members', writes: 'clinic_admin' },
  'public.providers': { reads: 'members', writes: 'clinic_admin' },
  'public.provider_locations': { reads: 'members', writes: 'clinic_admin' },
  'public.spreadsheet_connections': { reads: 'members', writes: 'clinic_admin' },
  'public.connection_sheets': { reads: 'members', writes: 'clinic_admin' },
  'public.column_mappings': { reads: 'members', writes: 'clinic_admin' },
  'public.metric_definitions': { reads: 'members and shared', writes: null },
  'public.metric_values': { reads: 'members', writes: 'staff' },
  'public.metric_aggregations': { reads: 'members', writes: null },
  'public.goal_templates': { reads: 'members and shared', writes: null },
  'public.goals': { reads: 'members', writes: 'provider' },
}

/** A tenant table as loops over all of them see it: by the columns that all have. */
export interface GuardedTable extends Guard {
  /** Every one of them has `clinic_id`, which is all that a loop may name through this type. */
  readonly table: 'public.locations'
  readonly name: string
  /** Of a row, what names it. */
  readonly key: readonly ['id'] | readonly ['provider_id', 'location_id']
  /** So many rows that not every user can be asked about each of them. */
  readonly isLarge: boolean
}

export const guardedTables: readonly GuardedTable[] = Object.entries(guards).map(([table, guard]) => ({
  ...guard,
  table: table as 'public.locations',
  name: nameOf(table),
  key: table === 'public.provider_locations' ? ['provider_id', 'location_id'] : ['id'],
  isLarge: table === 'public.metric_values' || table === 'public.metric_aggregations',
}))

/** Tables that no user may touch: only the service reads them. */
export const closedTables = ['public.google_credentials', 'auth.users', 'auth.identities'] as const

/** Every table of the application. */
export const allTables = [
  'public.clinics',
  'public.profiles',
  'public.dashboards',
  'public.widgets',
  ...guardedTables.map(({ table }) => table),
  ...closedTables,
] as const

/** A table's name without its schema. */
export function nameOf(table: string): string {
  return table.slice(table.indexOf('.') + 1)
}
