import {
  constant,
  correctedWhen,
  crosswalk,
  type Expression,
  lookup,
  ref,
  required,
  sql,
  type text,
  type uuid,
} from 'drover'
import { idOf, m, matchName } from './base.ts'
import { clinics } from './clinics.ts'
import { providers } from './providers.ts'

/**
 * Providers for values and goals that name a provider of another clinic: the twin of the same name and type in their own
 * clinic where there is one (matched), else an inactive clone (loaded).
 */
export const providerStandIns = m.map('provider_stand_ins', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom(
          db
            .selectFrom('legacy.metric_values as v')
            .select(['v.clinic_id', 'v.provider_id'])
            .union(db.selectFrom('legacy.goals as g').select(['g.clinic_id', 'g.provider_id']))
            .as('named'),
        )
        .innerJoin(crosswalk(clinics, 'c'), 'c.source_key', 'named.clinic_id')
        .innerJoin(crosswalk(clinics, 'survivor'), (join) =>
          join.onRef('survivor.id', '=', 'c.id').on('survivor.disposition', '=', 'loaded'),
        )
        .innerJoin(crosswalk(providers, 'p'), 'p.source_key', 'named.provider_id')
        .innerJoin('public.providers as own', 'own.id', 'p.id')
        .whereRef('own.clinic_id', '<>', 'c.id')
        .select(({ ref, fn }) => [
          'c.id as clinic_id',
          'own.provider_type',
          matchName(ref('own.full_name')).as('match_name'),
          fn.min('survivor.source_key').as('legacy_clinic_id'),
          fn.min('own.full_name').as('full_name'),
          fn.min('own.created_at').as('created_at'),
          fn.max('own.updated_at').as('updated_at'),
        ])
        .groupBy(['c.id', 'own.provider_type', 'match_name'])
        .as('s'),
    ),
  key: ({ s }) => [s.clinic_id, s.match_name, s.provider_type],
  match: {
    on: (to, existing) =>
      sql`${existing.clinic_id} = ${to.clinic_id} and ${existing.provider_type} = ${to.provider_type}
        and ${matchName(existing.full_name)} = ${matchName(to.full_name)}`,
    found: 'keep',
  },
  to: 'public.providers',
  personal: ['full_name'],
  columns: ({ s }) => ({
    id: idOf(
      'providers:clone',
      sql<text>`${s.legacy_clinic_id} || ':' || ${s.match_name} || ':' || ${s.provider_type}`,
    ),
    clinic_id: required(s.clinic_id).orQuarantine(),
    full_name: s.full_name,
    first_name: sql<text>`case when position(' ' in ${s.full_name}) > 0 then regexp_replace(${s.full_name}, ' [^ ]*$', '') end`,
    last_name: sql<text>`regexp_replace(${s.full_name}, '^.* ', '')`,
    provider_type: s.provider_type,
    status: constant('inactive'),
    created_at: s.created_at,
    updated_at: s.updated_at,
  }),
})

/** The provider that a row of `clinic` names: himself where he is of that clinic, else who stands in for him there. */
export function providerWithin(clinic: Expression<uuid>, named: Expression<text | null>) {
  const own = ref(named, providers).orNull('orphan-provider')
  const isForeign = sql<boolean>`coalesce(${lookup(own, providers, 'clinic_id')} <> ${clinic}, false)`
  const foreignName = sql<text | null>`case when ${isForeign} then ${lookup(own, providers, 'full_name')} end`
  const standIn = ref([clinic, matchName(foreignName), lookup(own, providers, 'provider_type')], providerStandIns)
  const provider = sql<uuid | null>`case when ${isForeign} then ${standIn.orQuarantine('no-stand-in')} else ${own} end`
  const twin = correctedWhen(provider, 'twin-provider', sql`${standIn.disposition} = 'matched'`, named)
  return { provider: correctedWhen(twin, 'cloned-provider', sql`${standIn.disposition} = 'loaded'`, named), isForeign }
}
