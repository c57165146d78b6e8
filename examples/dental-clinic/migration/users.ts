import {
  blankToNull,
  type bool,
  constant,
  correctedWhen,
  cutover,
  type Expression,
  filled,
  instant,
  type jsonb,
  lookup,
  lowerTrim,
  matching,
  newest,
  noteWhen,
  oldest,
  once,
  oneOf,
  ref,
  refWhen,
  required,
  sql,
  squish,
  type text,
  type timestamp,
  type timestamptz,
  type uuid,
} from 'drover'
import type { PublicProfileStatus } from '../app.types.ts'
import { idOf, m, stamps } from './base.ts'
import { clinics } from './clinics.ts'

interface UserColumns {
  readonly name: Expression<text>
  readonly email: Expression<text>
  readonly role: Expression<text>
  readonly last_login: Expression<timestamp | null>
  readonly created_at: Expression<timestamp>
}

/** Enough of an address to receive a mail: something, an at sign, a host with a dot. */
const emailPattern = '^[^@[:cntrl:] ]+@[^@[:cntrl:] ]+[.][^@[:cntrl:] .]+$'

const emailOf = (u: UserColumns) =>
  matching(required(blankToNull(lowerTrim(u.email))).orQuarantine('no-email'), emailPattern).orQuarantine(
    'invalid-email',
  )

/** Above all clinics, and a member of none: the clinic that his row names means nothing. */
export const isSystemAdmin = (u: { readonly role: Expression<text | null> }) =>
  once(sql<bool>`lower(translate(btrim(${u.role}), ' -', '__') collate "C") = 'system_admin'`)

/** The name, or where it is blank what stands before the at sign. */
const fullName = (u: UserColumns) => {
  const given = blankToNull(squish(u.name))
  return correctedWhen(
    sql<text>`coalesce(${given}, split_part(${lowerTrim(u.email)}, '@', 1))`,
    'no-name',
    sql`${given} is null`,
    u.name,
  )
}

/** Of several users with one address: who logged in last, then who came first. */
const latestUser = (u: UserColumns) => [newest(u.last_login), oldest(u.created_at)]

const lastLogin = (u: UserColumns) => {
  const login = instant(u.last_login, { zone: 'UTC' }).orNull('no-finite-time')
  const isFuture = sql<bool>`${login} > ${cutover()}`
  return correctedWhen(
    sql<timestamptz | null>`case when not ${isFuture} then ${login} end`,
    'future-login',
    isFuture,
    u.last_login,
  )
}

/** Beginnings of the hashes that Supabase can check a password against. */
const knownHash = '^[$](2[aby][$][0-9]{2}|argon2id?[$]v=19|fbscrypt)[$]'

/** Supabase's own users: found by their address where they exist, else made, with the password that was exported. */
export const authUsers = m.map('auth_users', {
  from: (db) =>
    db.selectFrom('legacy.users as u').leftJoin('migration_input.password as imported', 'imported.legacy_id', 'u.id'),
  key: ({ u }) => u.id,
  identity: (_, to) => [to.email],
  survivor: ({ u }) => latestUser(u),
  match: {
    on: (to, existing) => sql`lower(${existing.email}) = ${to.email} and not ${existing.is_sso_user}`,
    found: 'keep',
  },
  to: 'auth.users',
  personal: ['email', 'name'],
  columns: ({ u, imported }) => {
    const isKnown = sql`${imported.hash} ~ ${sql.lit(knownHash)}`
    // Whose hash it is, and not the hash: what is filled from duplicates is remembered in the ledger.
    const holder = filled(sql<text | null>`case when ${isKnown} then ${imported.legacy_id} end`)
    const hash = sql<text | null>`(
      select password.hash
      from ${sql.table('migration_input.password')} as password
      where password.legacy_id = ${holder}
    )`
    return {
      // Login looks for users of the zero instance; a null there makes a user invisible.
      instance_id: sql<uuid>`'00000000-0000-0000-0000-000000000000'::uuid`,
      id: idOf('users', u.id),
      aud: constant('authenticated'),
      role: constant('authenticated'),
      email: emailOf(u),
      // Where nothing was exported, the first password is set through a recovery mail.
      encrypted_password: noteWhen(sql<text>`coalesce(${hash}, '')`, 'unknown-hash', sql`not (${isKnown})`),
      // These are read into strings that cannot be null.
      confirmation_token: constant(''),
      recovery_token: constant(''),
      email_change_token_new: constant(''),
      email_change: constant(''),
      last_sign_in_at: lastLogin(u),
      raw_app_meta_data: sql<jsonb>`'{"provider": "email", "providers": ["email"]}'::jsonb`,
      raw_user_meta_data: sql<jsonb>`jsonb_build_object('full_name', ${fullName(u)})`,
      ...stamps(u),
    }
  },
})

/** How each user signs in: by e-mail. */
export const authIdentities = m.map('auth_identities', {
  from: (db) => db.selectFrom('legacy.users as u'),
  key: ({ u }) => u.id,
  identity: (_, to) => [to.user_id],
  survivor: ({ u }) => latestUser(u),
  match: {
    on: (to, existing) => sql`${existing.provider} = 'email' and ${existing.provider_id} = ${to.provider_id}`,
    found: 'keep',
  },
  to: 'auth.identities',
  personal: ['email', 'name'],
  columns: ({ u }) => {
    const user = ref(u.id, authUsers).orQuarantine()
    return {
      id: idOf('identities', u.id),
      provider_id: sql<text>`${user}::text`,
      user_id: user,
      identity_data: sql<jsonb>`jsonb_build_object('sub', ${user}, 'email', ${lowerTrim(u.email)}, 'email_verified', false, 'phone_verified', false)`,
      provider: constant('email'),
      last_sign_in_at: lastLogin(u),
      ...stamps(u),
    }
  },
})

/** The application's side of a user. One whose clinic does not exist is kept, disabled. */
export const profiles = m.map('profiles', {
  from: (db) => db.selectFrom('legacy.users as u'),
  key: ({ u }) => u.id,
  identity: (_, to) => [to.id],
  survivor: ({ u }) => latestUser(u),
  to: 'public.profiles',
  personal: ['email', 'name'],
  columns: ({ u }) => {
    const isMember = sql<bool>`not ${isSystemAdmin(u)}`
    const clinic = refWhen(isMember, u.clinic_id, clinics).orNull('orphan-clinic')
    return {
      id: ref(u.id, authUsers).orQuarantine(),
      email: lowerTrim(u.email),
      full_name: fullName(u),
      is_system_admin: isSystemAdmin(u),
      status: sql<PublicProfileStatus>`case when ${isMember} and ${clinic} is null then 'disabled' else 'active' end`,
      default_clinic_id: correctedWhen(clinic, 'system-admin', isSystemAdmin(u), u.clinic_id),
      last_login_at: lastLogin(u),
      ...stamps(u),
    }
  },
})

/** Who may do what where: the clinics of all rows that became one user, with the highest role in each. */
export const userClinicRoles = m.map('user_clinic_roles', {
  from: (db) => db.selectFrom('legacy.users as u'),
  key: ({ u }) => u.id,
  where: ({ u }) => sql`${ref(u.clinic_id, clinics).disposition} is not null and not ${isSystemAdmin(u)}`,
  identity: (_, to) => [to.user_id, to.clinic_id],
  survivor: (_, to) => newest(to.role),
  to: 'public.user_clinic_roles',
  personal: ['email', 'name'],
  columns: ({ u }) => {
    const user = ref(u.id, profiles).orQuarantine()
    return {
      id: idOf('user_clinic_roles', u.id),
      user_id: user,
      clinic_id: ref(u.clinic_id, clinics).orQuarantine(),
      role: oneOf(u.role, ['viewer', 'staff', 'provider', 'clinic_admin'], {
        aliases: {
          admin: 'clinic_admin',
          office_manager: 'clinic_admin',
          dentist: 'provider',
          hygienist: 'provider',
          front_desk: 'staff',
        },
      }).orElse('viewer', 'unknown-role'),
      is_active: sql<bool>`${lookup(user, profiles, 'status')} = 'active'`,
      ...stamps(u),
    }
  },
})
