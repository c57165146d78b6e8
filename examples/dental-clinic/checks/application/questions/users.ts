import type { Row } from '../answer.ts'
import { readCrosswalk } from '../crosswalk.ts'
import { readNameOrder } from '../name-order.ts'
import { nameOf, type Person, type Role, roleOf } from '../people.ts'
import type { Questions } from '../probe.ts'
import type { Parameters } from '../question.ts'
import { peopleOf, personRow, userRow } from '../user-row.ts'
import type { Clinic, World } from '../world.ts'

const rowsOfPage = 10

interface OfList extends Parameters {
  readonly clinic: Clinic | undefined
  readonly role: Role | undefined
}

/** The list of users, ten a page. */
export async function users(world: World): Promise<Questions> {
  const roles = [undefined, 'viewer', 'staff', 'provider', 'clinic_admin'] as const
  const parameters = [undefined, ...world.chosen].flatMap((clinic) =>
    roles.map(
      (role): OfList => ({
        about: `${clinic === undefined ? 'all clinics' : `clinic ${clinic.id}`}, ${role ?? 'any'} role`,
        ...(clinic && { clinicId: clinic.id }),
        clinic,
        role,
      }),
    ),
  )
  const byName = await readNameOrder(
    world.query,
    world.people.map(({ rows: [user] }) => nameOf(user)),
  )
  const spellings = await world.legacy.user.findMany({ distinct: ['role'], select: { role: true } })
  const spelled = (meant: Role) => spellings.flatMap(({ role }) => (roleOf(role) === meant ? [role] : []))
  return {
    questions: [
      {
        name: 'getUsers',
        parameters,
        legacy: async ({ clinic, role }: OfList) => {
          const found = await world.legacy.user.findMany({
            where: {
              ...(clinic && { clinicId: { in: [...clinic.legacyIds] } }),
              ...(role && { role: { in: spelled(role) } }),
            },
          })
          // A system administrator is a member nowhere. Of several roles in one clinic the strongest counts.
          const isMeant = ({ memberships }: Person) =>
            clinic === undefined
              ? role === undefined || [...memberships.values()].some((member) => member.role === role)
              : memberships.has(clinic.id) && (role === undefined || memberships.get(clinic.id)!.role === role)
          const people = peopleOf(world, found).filter(isMeant)
          return counted(people.map(personRow).sort(byName))
        },
        app: async (db, { clinic, role }: OfList) => {
          const member = { isActive: true, ...(clinic && { clinicId: clinic.id }), ...(role && { role }) }
          const where = clinic === undefined && role === undefined ? {} : { memberships: { some: member } }
          const count = await db.profile.count({ where })
          const rows: Row[] = []
          for (let skip = 0; skip < count; skip += rowsOfPage) {
            const page = await db.profile.findMany({
              where,
              orderBy: [{ fullName: 'asc' }, { id: 'asc' }],
              skip,
              take: rowsOfPage,
            })
            rows.push(...page.map(({ id, fullName, email }) => userRow({ id, name: fullName, email })))
          }
          return counted(rows, count)
        },
      },
    ],
  }
}

/** A list with the number of its rows. Of what one may not see not even the number is told: 0 is nothing. */
function counted(rows: readonly Row[], count = rows.length): Row[] {
  return count === 0 ? [...rows] : [{ key: 'total', order: '', facts: { count } }, ...rows]
}

interface OfClinic extends Parameters {
  readonly clinic: Clinic
}

/** A clinic's members with their roles, the newest first. */
export async function usersByClinic(world: World): Promise<Questions> {
  const memberships = await readCrosswalk(world.query, 'user_clinic_roles')
  const row = (userId: string, role: string, roleId: string | null, createdAt: Date): Row => ({
    key: `user ${userId}`,
    order: createdAt.toISOString(),
    facts: { role, roleId },
  })
  return {
    questions: [
      {
        name: 'getUsersByClinic',
        parameters: world.chosen.map((clinic) => ({ about: `clinic ${clinic.id}`, clinicId: clinic.id, clinic })),
        legacy: async ({ clinic }: OfClinic) => {
          const found = await world.legacy.user.findMany({
            where: { clinicId: { in: [...clinic.legacyIds] } },
            orderBy: { createdAt: 'desc' },
          })
          const members = peopleOf(world, found).filter((person) => person.memberships.has(clinic.id))
          return members
            .map(({ id, memberships: own }) => {
              const { role, rows } = own.get(clinic.id)!
              // Rows of one person in one clinic are one membership now: it is as old as the row that survived.
              const survivor = rows.find((user) => memberships.isSurvivor(user.id)) ?? rows[0]!
              return row(id, role, memberships.idOf(survivor.id) ?? null, survivor.createdAt)
            })
            .sort((a, b) => (a.order! < b.order! ? 1 : -1))
        },
        app: async (db, { clinic }: OfClinic) => {
          const found = await db.membership.findMany({
            where: { clinicId: clinic.id, isActive: true, user: { status: 'active' } },
            include: { user: true },
            orderBy: { createdAt: 'desc' },
          })
          return found.map(({ id, user, role, createdAt }) => row(user.id, role, id, createdAt))
        },
      },
    ],
  }
}
