import { crosswalk, sql } from 'drover'
import { m } from '../migration/base.ts'
import { authUsers } from '../migration/users.ts'

/** Beginnings of the hashes that the new auth service can check a password against. */
const supported = sql.lit('^[$](2[aby][$][0-9]{2}|argon2id?[$]v=19|fbscrypt)[$]')

/**
 * The hash of an account that the migration made is one of those exported for the rows that became it, byte for byte, and
 * of a kind that is supported; an account has none only where no such hash was exported.
 */
export const passwords = m.assertNone(
  'imported password hashes are the exported ones, of a supported kind',
  (db) =>
    db
      .selectFrom('auth.users as t')
      .innerJoin(
        db
          .selectFrom(crosswalk(authUsers, 'w'))
          .leftJoin('migration_input.password as i', (join) =>
            join.onRef('i.legacy_id', '=', 'w.source_key').on(sql<boolean>`i.hash ~ ${supported}`),
          )
          .groupBy('w.id')
          .having(sql<boolean>`bool_or(w.disposition = 'loaded')`)
          .select(['w.id', sql<readonly string[]>`array_agg(i.hash) filter (where i.hash is not null)`.as('hashes')])
          .as('w'),
        'w.id',
        't.id',
      )
      .where(
        sql<boolean>`case when w.hashes is null then t.encrypted_password is distinct from ''
          else (t.encrypted_password collate "C" = any (w.hashes)) is not true end`,
      )
      .select('t.id'),
  { key: ['id'] },
)
