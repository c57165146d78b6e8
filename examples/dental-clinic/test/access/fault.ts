/** Something wrong with a migrated database. */
export interface Fault {
  /** Statements, carried out as superuser. */
  readonly plant: string
  /** The rules that must fail, each with what its finding must say: a text, or what a query gives before the fault. */
  readonly fails: Readonly<Record<string, string | { readonly of: string }>>
}

/** Faults by what they are, in a few words. */
export type Faults = Readonly<Record<string, Fault>>

/** The first row of a table, in the order of its key, that a condition holds for. */
export const first = (table: string, condition = 'true') =>
  `(select id from ${table} where ${condition} order by id limit 1)`

/** Two clinics. */
export const north = first('public.clinics')
export const south = `(select id from public.clinics order by id offset 1 limit 1)`

/** Who has signed up and is known to no clinic. */
export const stranger = '00000000-0000-4000-8000-000000000000'
