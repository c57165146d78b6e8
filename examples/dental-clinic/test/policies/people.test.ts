import { beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../../packages/drover/test/support/postgres.ts'
import { passwordVectors } from '../../generator/passwords.ts'
import { migratedWorld, outcomesOf, targetsOf } from './small-world.ts'

const [first, second, third] = passwordVectors.map(({ hash }) => hash)

const users = {
  plain: { name: 'Ann Archer' },
  unknown: {},
  // One person: the row that stands for both has no password of its own.
  twice: { email: 'twice@example.org', last_login: '2025-01-01' },
  'twice, older': { email: ' Twice@example.org' },
  known: {},
  ben: { name: 'Ben Baker' },
  'other-ben': { name: 'ben baker' },
  visitor: { name: 'Cleo Carter', clinic_id: 'south' },
  dora: { name: 'Dora Draper' },
}

const providers = {
  ann: { name: 'Dr. Ann ARCHER' },
  ben: { name: 'Ben Baker' },
  cleo: { name: 'Cleo Carter' },
  dora: { name: 'Dora Draper' },
  'dora, hygienist': { name: 'Dora Draper', provider_type: 'hygienist' },
  emil: { name: 'Emil' },
}

let database: TestDatabase

beforeAll(async () => {
  database = await migratedWorld(
    { users, providers },
    `insert into migration_input.password values
      ('plain', '${first}'), ('twice, older', '${second}'), ('known', '${third}'), ('unknown', 'md5:0123456789');
    insert into auth.users (id, instance_id, email, encrypted_password, confirmation_token, recovery_token,
      email_change_token_new, email_change)
    values (gen_random_uuid(), '00000000-0000-0000-0000-000000000000', 'known@example.org', 'their own', '', '', '', '')`,
  )
}, 120_000)

test('a password is imported with its user, unless he has one or nobody can check it', async () => {
  const { plain, unknown, twice, known } = await targetsOf(database, 'auth_users', 'auth.users', [
    't.encrypted_password',
  ])
  expect({ plain, unknown, twice, known }).toEqual({ plain: first, unknown: '', twice: second, known: 'their own' })
  expect(await outcomesOf(database, 'auth_users', users)).toMatchObject({
    plain: 'loaded',
    unknown: 'loaded encrypted_password:unknown-hash',
    twice: 'loaded encrypted_password:filled',
    'twice, older': 'merged',
    known: 'matched',
  })
})

test('a hash that cannot be used is kept nowhere', async () => {
  const [row] = await database.query(
    `select count(*)::int as n from drover.correction as c where c::text like '%0123456789%'`,
  )
  expect(row).toEqual({ n: 0 })
})

test('a provider has the login of the one user of his clinic who bears his name', async () => {
  const login = `(select split_part(email, '@', 1) from public.profiles where id = t.user_id)`
  expect(await targetsOf(database, 'providers', 'public.providers', [login])).toEqual({
    ann: 'plain',
    ben: '-',
    cleo: '-',
    dora: '-',
    'dora, hygienist': '-',
    emil: '-',
  })
  expect(await outcomesOf(database, 'providers', providers)).toEqual({
    ann: 'loaded',
    ben: 'loaded user_id:several-logins',
    cleo: 'loaded',
    dora: 'loaded full_name:other-type-of-same-name user_id:several-logins',
    'dora, hygienist': 'loaded full_name:other-type-of-same-name user_id:several-logins',
    emil: 'loaded',
  })
})
