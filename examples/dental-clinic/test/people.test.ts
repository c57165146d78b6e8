import { expect, test } from 'vitest'
import { passwordVectors } from '../generator/passwords.ts'
import { createGenerated } from './generated.ts'

const generated = createGenerated({ scale: 's', seed: 1, foreignKeys: 'loose' })

test('every clinic has an administrator without a defect', async () => {
  const { database, manifest } = await generated
  const defective = Object.entries(manifest.defects).flatMap(([code, { ids }]) =>
    code.startsWith('users/') && code !== 'users/auth-match' ? ids : [],
  )
  const rows = await database.query(
    `select clinic.id
    from legacy.clinics as clinic
    where not exists (
      select
      from legacy.users as account
      where account.clinic_id = clinic.id
        and account.role in ('admin', 'office_manager', 'clinic_admin')
        and account.id <> all ($1)
    )`,
    [defective],
  )
  expect(rows).toEqual([])
})

test('the accounts that were there before are found by lower(email), and log in', async () => {
  const { database, manifest } = await generated
  const rows = await database.query(
    `select
      count(*)::int as n,
      (count(*) filter (where encrypted_password ~ '^\\$2a\\$10\\$[./A-Za-z0-9]{53}$'))::int as hashed,
      (count(*) filter (where instance_id = '00000000-0000-0000-0000-000000000000'))::int as visible,
      (count(*) filter (where concat(confirmation_token, recovery_token, email_change_token_new, email_change) = ''
        and num_nulls(confirmation_token, recovery_token, email_change_token_new, email_change) = 0))::int as readable,
      count(identity.id)::int as identities
    from auth.users as account
    left join auth.identities as identity
      on identity.user_id = account.id
      and identity.provider = 'email'
      and identity.provider_id = account.id::text
      and identity.identity_data ->> 'sub' = account.id::text
      and identity.email = account.email`,
  )
  expect(rows).toEqual([{ n: 6, hashed: 6, visible: 6, readable: 6, identities: 6 }])
  const matches = await database.query(
    `select distinct legacy_user.id
    from legacy.users as legacy_user
    join auth.users as account on lower(account.email) = lower(btrim(legacy_user.email))`,
  )
  const { matchedIds, mergedInto } = manifest.mappings.auth_users!
  const losers = Object.entries(mergedInto).filter(([, survivor]) => matchedIds.includes(survivor))
  expect(losers.length).toBeGreaterThan(0)
  expect(matches.map(({ id }) => id).sort()).toEqual([...matchedIds, ...losers.map(([loser]) => loser)].sort())
})

test('of the rows of one person the latest login survives, then the oldest row', async () => {
  const { database, manifest } = await generated
  const survivors = await database.query(
    `select id, first_value(id) over (
      partition by lower(btrim(email)) order by last_login desc nulls last, created_at, id collate "C") as survivor
    from legacy.users where email ~ '@'`,
  )
  const merged = survivors.filter(({ id, survivor }) => id !== survivor).map(({ id, survivor }) => [id, survivor])
  expect(merged).toHaveLength(4)
  expect(Object.fromEntries(merged)).toEqual(manifest.mappings.profiles!.mergedInto)
})

test('a person loses a role only to a role of his own in the same clinic', async () => {
  const { database, manifest } = await generated
  const clinics = manifest.mappings.clinics!.mergedInto
  const rows = await database.query('select id, lower(btrim(email)) as email, clinic_id from legacy.users')
  const where = new Map(
    rows.map(({ id, email, clinic_id: clinic }) => [id, `${email} ${clinics[String(clinic)] ?? clinic}`]),
  )
  const { mergedInto } = manifest.mappings.user_clinic_roles!
  for (const [loser, survivor] of Object.entries(mergedInto)) expect(where.get(loser)).toBe(where.get(survivor))
  const held = rows.map(({ id }) => id).filter((id) => !(String(id) in mergedInto))
  expect(new Set(held.map((id) => where.get(id))).size).toBe(held.length)
})

test('no clinic has two providers of one name, and twins live in different clinics', async () => {
  const { database, manifest } = await generated
  const clinics = manifest.mappings.clinics!.mergedInto
  const rows = await database.query(
    `select lower(regexp_replace(name, '^dr\\. ', '', 'i')) as name, clinic_id from legacy.providers`,
  )
  const homes = rows.map(({ name, clinic_id: clinic }) => `${name} ${clinics[String(clinic)] ?? clinic}`)
  expect(new Set(homes).size).toBe(rows.length)
  expect(rows.length - new Set(rows.map(({ name }) => name)).size).toBe(manifest.defects['providers/twin']!.count)
})

test('ten users have a password from elsewhere, one of them through a duplicate; the hashes are of what is documented', async () => {
  const { database, manifest } = await generated
  expect(Object.keys(manifest.passwords)).toHaveLength(10)
  const { matchedIds, mergedInto, quarantinedBy, correctedBy } = manifest.mappings.auth_users!
  const others = [...matchedIds, ...Object.keys(mergedInto), ...Object.values(quarantinedBy).flat()]
  expect(Object.keys(manifest.passwords).filter((user) => others.includes(user))).toEqual([])
  const rows = await database.query('select legacy_id, hash from migration_input.password')
  const given = rows.map(({ legacy_id: id, hash }) => [mergedInto[String(id)] ?? id, hash])
  expect(Object.fromEntries(given)).toEqual(manifest.passwords)
  expect(correctedBy.filled).toEqual(rows.flatMap(({ legacy_id: id }) => mergedInto[String(id)] ?? []))
  expect(correctedBy.filled).toHaveLength(1)
  await database.query('create extension pgcrypto schema public')
  for (const { password, hash } of passwordVectors) {
    expect(await database.query('select public.crypt($1, $2) = $2 as fits', [password, hash])).toEqual([{ fits: true }])
  }
})
