import { crosswalk, merged, sql } from 'drover'
import { m } from '../migration/base.ts'
import { metricValues } from '../migration/values.ts'

/** Of two values from one place in one sheet only one is there. Nulls are equal. */
const distinct = m.assertNone(
  'no two values share a natural key',
  (db) => {
    const key = [
      't.clinic_id',
      't.metric_definition_id',
      't.metric_date',
      't.provider_id',
      't.sheet_id',
      't.external_id',
    ] as const
    return db
      .selectFrom('public.metric_values as t')
      .where('t.external_id', 'is not', null)
      .groupBy(key)
      .having(sql<boolean>`count(*) > 1`)
      .select(key)
  },
  { key: ['clinic_id', 'metric_definition_id', 'metric_date', 'external_id'] },
)

/** Values that nothing tells apart are nevertheless several: the application counts each of them. */
const unmerged = m.assertNone(
  'no value without an external id is merged or lost',
  (db) =>
    db
      .selectFrom('legacy.metric_values as l')
      .leftJoin(merged(metricValues, 'f'), 'f.source_key', 'l.id')
      .leftJoin(crosswalk(metricValues, 'w'), 'w.source_key', 'l.id')
      .where(sql<boolean>`coalesce(btrim(l.external_id), '') = ''`)
      .where(
        sql<boolean>`(f.source_key is not null or w.disposition is null or w.disposition not in ('loaded', 'quarantined'))`,
      )
      .select('l.id as value_id'),
  { key: ['value_id'] },
)

/** Values are merged where they are the same, and nowhere else. */
export const values = [distinct, unmerged]
