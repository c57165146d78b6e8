import { type DeclaredCheck, type Expression, sql, type text } from 'drover'
import type { App } from '../app.types.ts'
import { m } from '../migration/base.ts'

/** A column that names a row of the same clinic, and the table of that row. */
interface Belonging {
  readonly table: keyof App
  readonly column: string
  readonly to: keyof App
  /** Rows of no clinic are everybody's. */
  readonly isShared?: true
}

const belongings: readonly Belonging[] = [
  { table: 'public.provider_locations', column: 'provider_id', to: 'public.providers' },
  { table: 'public.provider_locations', column: 'location_id', to: 'public.locations' },
  { table: 'public.spreadsheet_connections', column: 'credential_id', to: 'public.google_credentials' },
  { table: 'public.connection_sheets', column: 'connection_id', to: 'public.spreadsheet_connections' },
  { table: 'public.column_mappings', column: 'sheet_id', to: 'public.connection_sheets' },
  { table: 'public.metric_values', column: 'provider_id', to: 'public.providers' },
  { table: 'public.metric_values', column: 'sheet_id', to: 'public.connection_sheets' },
  { table: 'public.metric_values', column: 'metric_definition_id', to: 'public.metric_definitions', isShared: true },
  { table: 'public.metric_aggregations', column: 'provider_id', to: 'public.providers' },
  {
    table: 'public.metric_aggregations',
    column: 'metric_definition_id',
    to: 'public.metric_definitions',
    isShared: true,
  },
  { table: 'public.goals', column: 'provider_id', to: 'public.providers' },
  { table: 'public.goals', column: 'metric_definition_id', to: 'public.metric_definitions', isShared: true },
  { table: 'public.goals', column: 'template_id', to: 'public.goal_templates', isShared: true },
]

const rowKey = (table: Belonging['table']): Expression<text> =>
  table === 'public.provider_locations'
    ? sql<text>`concat_ws(' ', t.provider_id, t.location_id)`
    : sql<text>`t.id::text`

/** The rows that name one of another clinic, or one that does not exist. */
const strays = ({ table, column, to, isShared }: Belonging) => {
  const isElsewhere = isShared
    ? sql`o.id is null or o.clinic_id <> t.clinic_id`
    : sql`o.clinic_id is distinct from t.clinic_id`
  return sql`
    select ${sql.lit(table)}::text as "table", ${sql.lit(column)}::text as "column", ${rowKey(table)} as id
    from ${sql.table(table)} as t
    left join ${sql.table(to)} as o on o.id = ${sql.ref(`t.${column}`)}
    where ${sql.ref(`t.${column}`)} is not null and (${isElsewhere})`
}

export const tenancy: readonly DeclaredCheck[] = [
  m.assertNone(
    'Whatever a row names belongs to its clinic',
    (db) =>
      db
        .selectFrom(
          sql<{ table: text; column: text; id: text }>`(${sql.join(belongings.map(strays), sql` union all `)})`.as('s'),
        )
        .select(['s.table', 's.column', 's.id']),
    { key: ['table', 'column', 'id'] },
  ),

  m.assertNone('Each value has a clinic, and is one number or one date', (db) =>
    db
      .selectFrom('public.metric_values as v')
      .where(sql<boolean>`v.clinic_id is null or num_nonnulls(v.value, v.value_date) <> 1 or v.value = 'NaN'`)
      .select('v.id'),
  ),
]
