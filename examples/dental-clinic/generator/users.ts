import type { Blueprint } from './blueprint.ts'
import { legacyId, missingId } from './ids.ts'
import { firstNames, userSurnames } from './names.ts'
import { clinicSizeExponent } from './providers.ts'
import { drawsFor, zipfWeights } from './random.ts'
import { roleColumn } from './roles.ts'
import { allotSlots, slotRelation } from './slots.ts'
import { textArray, work } from './sql-text.ts'

/**
 * Users, in this order: one clinic_admin for every clinic, the defects, plain users. A case duplicate is another row of
 * one of the last users (his `person`), with his address in other letters, in turns of the same clinic and of another.
 */
export function userStatements({ seed, rows, clinics, defects, oddities }: Blueprint): string[] {
  const kinds = [
    'case-duplicate',
    'padded-email',
    'invalid-email',
    'blank-email',
    'odd-role',
    'unknown-role',
    'system-admin',
    'orphan-clinic',
  ] as const
  const slots = allotSlots(
    clinics.length + 1,
    kinds.map((name) => ({ name, count: defects[`users/${name}`] })),
  )
  const lastMatched = rows.users - Math.floor(defects['users/case-duplicate'] / 2)
  const firstMatched = lastMatched - defects['users/auth-match'] + 1
  const survivors = clinics.filter((clinic) => clinic.number === clinic.survivor).length
  const draws = drawsFor(seed, 'users', 'number')
  const roles = { draws, admins: clinics.length, oddities }
  const account = drawsFor(seed, 'users', 'account.number')
  const person = drawsFor(seed, 'users', 'person')
  return [
    `create unlogged table ${work}.users as
    with numbered as (
      select
        number,
        slot.name as defect,
        1 + number - slot.first as place,
        case when slot.name = 'case-duplicate' then ${rows.users} - (number - slot.first) else number end as person
      from generate_series(1, ${rows.users}) as number
      left join ${slotRelation(slots)} on number between slot.first and slot.last
    ),
    homed as (
      select
        *,
        case when person <= ${clinics.length} then person
          else ${person.weighted('clinic', zipfWeights(clinics.length, clinicSizeExponent))}
        end as home
      from numbered
    ),
    placed as (
      select
        homed.*,
        case
          when homed.defect is distinct from 'case-duplicate' then home
          -- The same clinic, if it has a duplicate that one; or a clinic that stays another.
          when place % 2 = 1 then coalesce(other_half.number, home)
          else clinic.survivor % ${survivors} + 1
        end as clinic
      from homed
      join ${work}.clinics as clinic on clinic.number = home
      left join ${work}.clinics as other_half
        on other_half.survivor = clinic.survivor
        and other_half.number <> clinic.number
    ),
    employed as (
      select
        *,
        ${roleColumn('text', roles)} as role,
        ${roleColumn('means', roles)} as means
      from placed
    ),
    named as (
      select
        *,
        row_number() over (partition by clinic, role order by number) as place_of_role,
        (${textArray(firstNames)})[1 + (person * 11) % 40]
          || ' ' || (${textArray(userSurnames)})[1 + (13 * (person / 40) + 17 * person) % 40] as own_name
      from employed
    )
    select
      named.number,
      ${legacyId(seed, 'users', 'named.number')} as id,
      named.defect,
      named.place,
      person,
      person in (select p.person from numbered as p where p.defect = 'case-duplicate') as has_duplicate,
      named.clinic,
      role,
      means,
      -- Some users are providers of their clinic: a login can be linked by name.
      own_name,
      provider.plain_name as provider_name,
      -- Half of the duplicated persons are among those who have an auth account already.
      named.number between ${firstMatched} and ${lastMatched} as is_matched
    from named
    left join ${work}.providers as provider
      on provider.clinic = named.clinic
      and provider.type = named.role
      and provider.place_of_type = named.place_of_role
    order by named.number`,
    `analyze ${work}.users`,

    `insert into legacy.users (id, email, name, role, last_login, clinic_id, created_at, updated_at)
    select
      account.id,
      case account.defect
        when 'case-duplicate' then upper(address)
        when 'padded-email' then '  ' || address || ' '
        when 'invalid-email' then replace(address, '@', '.at.')
        when 'blank-email' then repeat(' ', account.place - 1)
        else case when ${account.uniform('email')} < 0.15 then initcap(address) else address end
      end,
      full_name,
      account.role,
      case when ${account.uniform('has_login')} < 0.8 then
        created_at + ${account.uniform('last_login')} * (timestamp '2025-06-01' - created_at)
      end,
      case when account.defect = 'orphan-clinic' then ${missingId('clinics', 'account.number')} else clinic.id end,
      created_at,
      created_at + ${account.below('updated_at', 100)} * interval '1 day'
    from ${work}.users as account
    join ${work}.clinics as clinic on clinic.number = account.clinic
    cross join lateral (
      select
        case when account.defect is null and not has_duplicate then coalesce(provider_name, own_name) else own_name end
          as full_name,
        lower(replace(own_name, ' ', '.')) || account.person || '@example.org' as address,
        timestamp '2022-02-01 08:30'
          + ${account.below('created_at', 900 * 86_400)} * interval '1 second' as created_at
    ) as drawn`,
  ]
}
