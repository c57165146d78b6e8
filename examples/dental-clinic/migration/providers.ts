import {
  blankToNull,
  type bool,
  constant,
  crosswalk,
  fold,
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
  type uuid,
} from 'drover'
import { idOf, m, matchName, stamps } from './base.ts'
import { clinics, locations } from './clinics.ts'

/**
 * Providers, merged where one clinic has the same name and type twice; the same name with another type is noted. A
 * provider's login is the one user of his clinic who bears his name; of several, nobody can tell which.
 */
export const providers = m.map('providers', {
  from: (db) =>
    db
      .selectFrom('legacy.providers as p')
      .leftJoin(crosswalk(clinics, 'c'), 'c.source_key', 'p.clinic_id')
      .leftJoin(
        db
          .selectFrom('legacy.providers as other')
          .innerJoin(crosswalk(clinics, 'home'), 'home.source_key', 'other.clinic_id')
          .select(({ ref }) => [
            'home.id as home_id',
            matchName(ref('other.name')).as('match_name'),
            sql<int8>`count(distinct ${fold(ref('other.provider_type'))})`.as('types'),
          ])
          .groupBy(['home_id', 'match_name'])
          .as('named'),
        (join) =>
          join
            .onRef('named.home_id', '=', 'c.id')
            .on(({ eb, ref }) => eb(ref('named.match_name'), '=', matchName(ref('p.name')))),
      )
      .leftJoin(
        db
          .selectFrom('public.user_clinic_roles as r')
          .innerJoin('public.profiles as u', 'u.id', 'r.user_id')
          .select(({ ref, fn }) => [
            'r.clinic_id',
            matchName(ref('u.full_name')).as('match_name'),
            sql<uuid>`min(${ref('u.id')}::text)::uuid`.as('user_id'),
            fn.countAll<int8>().as('users'),
          ])
          .groupBy(['r.clinic_id', 'match_name'])
          .as('logins'),
        (join) =>
          join
            .onRef('logins.clinic_id', '=', 'c.id')
            .on(({ eb, ref }) => eb(ref('logins.match_name'), '=', matchName(ref('p.name')))),
      ),
  key: ({ p }) => p.id,
  identity: ({ p }, to) => [to.clinic_id, matchName(p.name), to.provider_type],
  survivor: ({ p }) => oldest(p.created_at),
  to: 'public.providers',
  personal: ['name'],
  columns: ({ p, named, logins }) => {
    const name = required(blankToNull(squish(p.name))).orQuarantine('no-name')
    const isOnly = sql<bool>`(${logins.users} = 1 and ${named.types} = 1)`
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
      user_id: noteWhen(
        sql<uuid | null>`case when ${isOnly} then ${logins.user_id} end`,
        'several-logins',
        sql`${logins.users} is not null and not ${isOnly}`,
      ),
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
  targetKey: 'provider_id',
  personal: ['name'],
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
