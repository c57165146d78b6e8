import type { Oddities } from './planting.ts'
import type { Draws } from './random.ts'
import { textArray } from './sql-text.ts'

/** A role as the legacy application wrote it, and what it means in the target. */
interface Role {
  readonly text: string
  readonly means: 'viewer' | 'staff' | 'provider' | 'clinic_admin'
  readonly weight: number
}

const adminRoles: readonly Role[] = [
  { text: 'admin', means: 'clinic_admin', weight: 1 },
  { text: 'office_manager', means: 'clinic_admin', weight: 2 },
  { text: 'clinic_admin', means: 'clinic_admin', weight: 1 },
]

const plainRoles: readonly Role[] = [
  { text: 'front_desk', means: 'staff', weight: 7 },
  { text: 'dentist', means: 'provider', weight: 5 },
  { text: 'hygienist', means: 'provider', weight: 4 },
  { text: 'office_manager', means: 'clinic_admin', weight: 2 },
  { text: 'viewer', means: 'viewer', weight: 1 },
  { text: 'staff', means: 'staff', weight: 1 },
]

const oddRoles: readonly Role[] = [
  { text: 'Front Desk', means: 'staff', weight: 1 },
  { text: 'DENTIST', means: 'provider', weight: 1 },
  { text: ' Office_Manager', means: 'clinic_admin', weight: 1 },
  { text: 'front-desk', means: 'staff', weight: 1 },
  { text: 'Clinic_Admin ', means: 'clinic_admin', weight: 1 },
  { text: 'HYGIENIST', means: 'provider', weight: 1 },
]

const unknownRoles: readonly Role[] = [
  { text: 'receptionist', means: 'viewer', weight: 1 },
  { text: 'temp', means: 'viewer', weight: 1 },
]

/** Those that leave a clinic with one administrator. */
const ofStaff = plainRoles.filter(({ means }) => means !== 'clinic_admin')

/** Roles that need no alias. */
function inTargetWords(roles: readonly Role[]): readonly Role[] {
  return roles.map((role) => ({ ...role, text: role.means }))
}

/**
 * The role's text, or its meaning: the same draw for both. The first `admins` users are administrators; a system admin
 * has no role in a clinic.
 */
export function roleColumn(
  field: 'text' | 'means',
  { draws, admins, oddities }: { readonly draws: Draws; readonly admins: number; readonly oddities: Oddities },
): string {
  const inTurn = (roles: readonly Role[]) =>
    `(${textArray(roles.map((role) => role[field]))})[1 + (place - 1) % ${roles.length}]`
  const drawn = (roles: readonly Role[]) => {
    const weights = roles.map((role) => role.weight)
    return `(${textArray(roles.map((role) => role[field]))})[${draws.weighted('role', weights)}]`
  }
  return `case
          when number <= ${admins} then ${drawn(oddities === 'usual' ? adminRoles : inTargetWords(adminRoles))}
          when defect = 'odd-role' then ${inTurn(oddRoles)}
          when defect = 'unknown-role' then ${inTurn(unknownRoles)}
          when defect = 'system-admin' then ${field === 'text' ? "'system_admin'" : 'null'}
          else ${drawn(oddities === 'usual' ? plainRoles : inTargetWords(ofStaff))}
        end`
}
