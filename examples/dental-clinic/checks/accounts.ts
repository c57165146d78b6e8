import { type DeclaredCheck, lowerTrim, sql, type text } from 'drover'
import { m } from '../migration/base.ts'

/** What the service that signs people in needs of its tables. */
export const accounts: readonly DeclaredCheck[] = [
  m.assertNone('No two accounts have the same address', (db) =>
    db
      .selectFrom('auth.users as a')
      .innerJoin('auth.users as other', (join) =>
        join
          .onRef('other.id', '<>', 'a.id')
          .on(({ eb, ref }) => eb(lowerTrim(ref('other.email')), '=', lowerTrim(ref('a.email')))),
      )
      // Whoever signs in through his company may have an account beside.
      .where('a.is_sso_user', '=', false)
      .where('other.is_sso_user', '=', false)
      .select(['a.id', 'other.id as other_id']),
  ),

  m.assertNone(
    'Each profile has an account and an identity, and all three agree',
    (db) =>
      db
        .selectFrom('public.profiles as u')
        .leftJoin('auth.users as a', 'a.id', 'u.id')
        .leftJoin('auth.identities as i', 'i.user_id', 'u.id')
        .select(({ ref }) => [
          'u.id',
          'i.id as identity_id',
          sql<text | null>`case
            when ${ref('a.id')} is null then 'no account'
            when ${ref('i.id')} is null then 'no identity'
            when ${lowerTrim(ref('a.email'))} is distinct from ${ref('u.email')} then 'another address'
            when ${ref('i.provider')} <> 'email' then null
            when ${ref('i.provider_id')} <> ${ref('u.id')}::text
              or ${ref('i.identity_data')} ->> 'sub' is distinct from ${ref('u.id')}::text then 'an identity of somebody else'
            when ${ref('i.email')} is distinct from ${ref('u.email')} then 'an identity of another address'
          end`.as('fault'),
        ])
        .$call((found) => db.selectFrom(found.as('found')).where('found.fault', 'is not', null).selectAll()),
    { key: ['id', 'identity_id', 'fault'] },
  ),

  // The service reads the texts into strings that cannot be null, and looks for users of one audience and instance.
  m.assertNone('No account lacks what the service reads', (db) =>
    db
      .selectFrom('auth.users as a')
      .where(
        sql<boolean>`num_nulls(
          a.confirmation_token, a.recovery_token, a.email_change_token_new, a.email_change, a.aud, a.instance_id
        ) > 0`,
      )
      .select('a.id'),
  ),
]
