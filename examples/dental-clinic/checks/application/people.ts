import { targetId } from '../../generator/target-id.ts'
import type { User } from '../../prisma/generated/legacy/client.ts'
import type { Crosswalk } from './crosswalk.ts'
import type { Clinic } from './world.ts'

/** Ascending power. */
const powers = ['viewer', 'staff', 'provider', 'clinic_admin'] as const

export type Role = (typeof powers)[number]

/** One user of the new application, and the legacy rows that are he. */
export interface Person {
  /** The new id. */
  readonly id: string
  /** The survivor first. */
  readonly rows: readonly [User, ...User[]]
  /** Above all clinics and a member of none. */
  readonly isSystemAdmin: boolean
  /** By new clinic: the strongest role of his rows there, and these rows. */
  readonly memberships: ReadonlyMap<string, { readonly role: Role; readonly rows: readonly User[] }>
  /** The clinic of the survivor. */
  readonly defaultClinic: Clinic | undefined
}

const meanings: Readonly<Record<string, Role>> = {
  admin: 'clinic_admin',
  office_manager: 'clinic_admin',
  clinic_admin: 'clinic_admin',
  dentist: 'provider',
  hygienist: 'provider',
  provider: 'provider',
  front_desk: 'staff',
  staff: 'staff',
  viewer: 'viewer',
}

/** What a role of the legacy application means; one that nobody knows is the weakest. */
export function roleOf(text: string): Role {
  return meanings[wordOf(text)] ?? 'viewer'
}

/** A word of a vocabulary, whatever letters, blanks and hyphens it is written with. */
export function wordOf(text: string): string {
  return text.trim().toLowerCase().replaceAll(/[ -]/g, '_')
}

/** A name with single blanks. */
export function squished(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ')
}

export function addressOf({ email }: User): string {
  return email.trim().toLowerCase()
}

export function nameOf(user: User): string {
  return squished(user.name) || addressOf(user).split('@')[0]!
}

/**
 * The people behind the legacy users. Who are the same is the ledger's to say. Who has no usable address is nobody, by
 * rule and not by the ledger: one that is set aside for another reason would be missing.
 */
export function personsOf(
  users: readonly User[],
  profiles: Crosswalk,
  clinicOf: (legacyId: string) => Clinic | undefined,
): Person[] {
  const reachable = users.filter((user) => /^[^@\s]+@[^@\s]+\.[^@\s.]+$/.test(addressOf(user)))
  const groups = Map.groupBy(reachable, ({ id }) => profiles.idOf(id) ?? targetId('users', id))
  return [...groups].map(([id, group]) => {
    const rows = group.toSorted((a, b) => Number(profiles.isSurvivor(b.id)) - Number(profiles.isSurvivor(a.id)))
    const isSystemAdmin = wordOf(rows[0]!.role) === 'system_admin'
    const placed = rows.flatMap((user) => {
      const clinic = wordOf(user.role) === 'system_admin' ? undefined : clinicOf(user.clinicId)
      return clinic === undefined ? [] : [{ clinicId: clinic.id, user }]
    })
    return {
      id,
      rows: rows as [User, ...User[]],
      isSystemAdmin,
      memberships: new Map(
        [...Map.groupBy(placed, ({ clinicId }) => clinicId)].map(([clinicId, each]) => {
          const own = each.map(({ user }) => user)
          return [clinicId, { role: strongest(own), rows: own }]
        }),
      ),
      defaultClinic: isSystemAdmin ? undefined : clinicOf(rows[0]!.clinicId),
    }
  })
}

function strongest(users: readonly User[]): Role {
  return powers[Math.max(...users.map(({ role }) => powers.indexOf(roleOf(role))))]!
}
