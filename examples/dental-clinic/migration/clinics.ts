import {
  blankToNull,
  constant,
  fold,
  type int8,
  oldest,
  oneOf,
  quarantineWhen,
  ref,
  required,
  sql,
  squish,
  withDefault,
} from 'drover'
import { idOf, m, stamps } from './base.ts'

/** The location that the application writes for a clinic until somebody says where it is. */
const placeholder = 'to be updated'

/**
 * Clinics, merged where name and location are the same; the oldest stands for the others. One that waits for its location
 * while another has its name may be the same or not: somebody has to decide.
 */
export const clinics = m.map('clinics', {
  from: (db) =>
    db
      .selectFrom('legacy.clinics as c')
      .leftJoin('migration_input.clinic as i', 'i.legacy_id', 'c.id')
      .leftJoin(
        db
          .selectFrom('legacy.clinics as other')
          .select(({ ref, fn }) => [fold(ref('other.name')).as('folded_name'), fn.countAll<int8>().as('clinics')])
          .groupBy('folded_name')
          .as('named'),
        (join) => join.on(({ eb, ref }) => eb(ref('named.folded_name'), '=', fold(ref('c.name')))),
      ),
  key: ({ c }) => c.id,
  identity: ({ c }) => [fold(c.name), fold(c.location)],
  survivor: ({ c }) => oldest(c.created_at),
  to: 'public.clinics',
  columns: ({ c, i, named }) => {
    const zone = withDefault(i.timezone, 'America/Chicago', 'default-timezone')
    const isUndecided = sql`${fold(c.location)} = ${sql.lit(placeholder)} and ${named.clinics} > 1`
    return {
      id: idOf('clinics', c.id),
      name: required(blankToNull(squish(c.name))).orQuarantine('no-name'),
      location_label: quarantineWhen(
        withDefault(blankToNull(squish(c.location)), 'Unknown', 'no-location'),
        'placeholder-clinic',
        isUndecided,
      ),
      status: oneOf(c.status, ['active', 'inactive']).orElse('inactive', 'unknown-status'),
      timezone: quarantineWhen(
        zone,
        'unknown-timezone',
        sql`${zone} not in (select name from pg_catalog.pg_timezone_names)`,
      ),
      currency: withDefault(i.currency, 'USD', 'default-currency'),
      ...stamps(c),
    }
  },
})

/** One location per legacy clinic. */
export const locations = m.map('locations', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  identity: (_, to) => [to.clinic_id, fold(to.name)],
  survivor: ({ c }) => oldest(c.created_at),
  to: 'public.locations',
  columns: ({ c }) => ({
    id: idOf('locations', c.id),
    clinic_id: ref(c.id, clinics).orQuarantine(),
    name: withDefault(blankToNull(squish(c.location)), 'Unknown', 'no-location'),
    is_active: constant(true),
  }),
})
