import { crosswalk, type date, type Expression, sql, type text, type timestamp, type uuid } from 'drover'
import { clinics } from '../migration/clinics.ts'
import { providers } from '../migration/providers.ts'
import type { Schemas } from './question.ts'

// Whose a value or a goal is, worked out anew. Relations that are made here end with `offset 0`, and are made of left joins,
// which PostgreSQL knows not to lose rows: so it makes each of them once and hashes it. Left to estimate what the conditions
// leave, it would search them for every single value.

/** The clinic of each legacy provider. */
export const clinicsOfProviders = (db: Schemas) =>
  db
    .selectFrom('legacy.providers as l')
    .leftJoin(crosswalk(clinics, 'c'), 'c.source_key', 'l.clinic_id')
    .select(['l.id as legacy_id', 'c.id'])
    .offset(0)
    .as('his')

const nameOf = (name: Expression<text>) =>
  sql<text>`regexp_replace(lower(btrim(regexp_replace(${name}, '[ \\t\\u00a0]+', ' ', 'g')) collate "pg_catalog"."und-x-icu"), '^dr[.]? ', '')`

/** For each legacy provider who bears his name, in whichever clinic: himself in his own, his twin or clone in another. */
export const bearers = (db: Schemas) =>
  db
    .selectFrom('legacy.providers as l')
    .leftJoin(crosswalk(clinics, 'c'), 'c.source_key', 'l.clinic_id')
    .leftJoin(crosswalk(providers, 'w'), 'w.source_key', 'l.id')
    .leftJoin('public.providers as t', (join) =>
      join
        // In his own clinic he is himself, also where somebody else there is called like him.
        .on(sql<boolean>`(t.clinic_id is distinct from c.id or t.id = w.id)`)
        .on(({ eb, ref }) => eb(nameOf(ref('l.name')), '=', nameOf(ref('t.full_name'))))
        .on(
          sql<boolean>`t.provider_type::text = case
            when lower(btrim(l.provider_type)) in ('dentist', 'hygienist', 'specialist') then lower(btrim(l.provider_type))
            else 'other'
          end`,
        ),
    )
    .select(['l.id as legacy_id', 't.clinic_id', 't.id'])
    .offset(0)
    .as('bearer')

/** The day of a time: midnight is a day that somebody wrote, any other time is one in the zone of the clinic `home`. */
export const dayOf = (time: Expression<timestamp>) =>
  sql<date>`(case when ${time}::time = '00:00' then ${time} else ${time} at time zone 'UTC' at time zone home.timezone end)::date`

/** Who holds a value or a goal: its provider, else its clinic. Null would not equal null in a hash. */
export const holderOf = (provider: Expression<uuid | null>, clinic: Expression<uuid | null>) =>
  sql<uuid>`coalesce(${provider}, ${clinic})`
