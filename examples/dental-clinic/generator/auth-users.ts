import type { Blueprint } from './blueprint.ts'
import { uuidText } from './ids.ts'
import { drawsFor } from './random.ts'
import { work } from './sql-text.ts'

/** Accounts that were in the auth schema before the migration, found again by lower(email). */
export function authUserStatements({ seed }: Blueprint): string[] {
  const draws = drawsFor(seed, 'auth_users', 'account.number')
  // 48 bytes give 64 characters of base 64; a bcrypt hash has 53, over the same letters with '.' for '+'.
  const noise = `decode(${draws.hex('hash/1')} || ${draws.hex('hash/2')} || ${draws.hex('hash/3')}, 'hex')`
  return [
    `insert into auth.users (
      instance_id, id, aud, role, email, encrypted_password, email_confirmed_at,
      confirmation_token, recovery_token, email_change_token_new, email_change,
      last_sign_in_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at
    )
    select
      '00000000-0000-0000-0000-000000000000'::uuid,
      ${uuidText(draws.hex('id'))}::uuid,
      'authenticated',
      'authenticated',
      lower(btrim(legacy_user.email)),
      '$2a$10$' || left(translate(encode(${noise}, 'base64'), '+=' || chr(10), '.'), 53),
      (legacy_user.created_at + interval '5 minutes') at time zone 'UTC',
      '',
      '',
      '',
      '',
      legacy_user.last_login at time zone 'UTC',
      '{"provider": "email", "providers": ["email"]}'::jsonb,
      jsonb_build_object('full_name', legacy_user.name),
      legacy_user.created_at at time zone 'UTC',
      legacy_user.updated_at at time zone 'UTC'
    from ${work}.users as account
    join legacy.users as legacy_user on legacy_user.id = account.id
    where account.is_matched`,

    `insert into auth.identities
      (id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
    select
      overlay(md5('identity:' || auth_user.id) placing '4' from 13)::uuid,
      auth_user.id::text,
      auth_user.id,
      jsonb_build_object(
        'sub', auth_user.id,
        'email', auth_user.email,
        'email_verified', true,
        'phone_verified', false
      ),
      'email',
      auth_user.last_sign_in_at,
      auth_user.created_at,
      auth_user.updated_at
    from auth.users as auth_user`,
  ]
}
