import {
  blankToNull,
  constant,
  crosswalk,
  type int8,
  lookup,
  noteWhen,
  oldest,
  oneOf,
  ref,
  required,
  sql,
  squish,
  type text,
} from 'drover'
import { idOf, m, matchName, stamps } from './base.ts'
import { clinics, locations } from './clinics.ts'

/** Providers, merged where one clinic has the same name and type twice; the same name with another type is noted. */
export const providers = m.map('providers', {
  from: (db) =>
    db.selectFrom('legacy.providers as p').leftJoin(
      db
        .selectFrom('legacy.providers as other')
        .select(({ ref, fn }) => [
          'other.clinic_id',
          matchName(ref('other.name')).as('match_name'),
          fn.count<int8>('other.provider_type').distinct().as('types'),
        ])
        .groupBy(['other.clinic_id', 'match_name'])
        .as('named'),
      (join) =>
        join
          .onRef('named.clinic_id', '=', 'p.clinic_id')
          .on(({ eb, ref }) => eb(ref('named.match_name'), '=', matchName(ref('p.name')))),
    ),
  key: ({ p }) => p.id,
  identity: ({ p }, to) => [to.clinic_id, matchName(p.name), to.provider_type],
  survivor: ({ p }) => oldest(p.created_at),
  to: 'public.providers',
  columns: ({ p, named }) => {
    const name = required(blankToNull(squish(p.name))).orQuarantine('no-name')
    return {
      id: idOf('providers', p.id),
      clinic_id: ref(p.clinic_id, clinics).orQuarantine('orphan-clinic'),
      full_name: noteWhen(name, 'other-type-of-same-name', sql`${named.types} > 1`),
      first_name: sql<text>`case when position(' ' in ${name}) > 0 then regexp_replace(${name}, ' [^ ]*$', '') end`,
      last_name: sql<text>`regexp_replace(${name}, '^.* ', '')`,
      provider_type: oneOf(p.provider_type, ['dentist', 'hygienist', 'specialist', 'other']).orElse(
        'other',
        'unknown-type',
      ),
      status: oneOf(p.status, ['active', 'inactive']).orElse('inactive', 'unknown-status'),
      ...stamps(p),
    }
  },
})

/** Each provider works at his clinic's only location; since when is not known. */
export const providerLocations = m.map('provider_locations', {
  from: (db) => db.selectFrom('legacy.providers as p'),
  key: ({ p }) => p.id,
  identity: (_, to) => [to.provider_id],
  survivor: ({ p }) => oldest(p.created_at),
  to: 'public.provider_locations',
  columns: ({ p }) => {
    const provider = ref(p.id, providers).orQuarantine()
    return {
      provider_id: provider,
      location_id: ref(p.clinic_id, locations).orQuarantine('orphan-clinic'),
      clinic_id: required(lookup(provider, providers, 'clinic_id')).orQuarantine(),
      is_primary: constant(true),
    }
  },
})

/**
 * Providers for values that name a provider of another clinic: the twin of the same name and type in the value's clinic
 * where there is one (matched), else an inactive clone (loaded).
 */
export const providerStandIns = m.map('provider_stand_ins', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom('legacy.metric_values as v')
        .innerJoin(crosswalk(clinics, 'c'), 'c.source_key', 'v.clinic_id')
        .innerJoin(crosswalk(clinics, 'survivor'), (join) =>
          join.onRef('survivor.id', '=', 'c.id').on('survivor.disposition', '=', 'loaded'),
        )
        .innerJoin(crosswalk(providers, 'p'), 'p.source_key', 'v.provider_id')
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
