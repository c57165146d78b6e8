import type { User } from '../../../prisma/generated/legacy/client.ts'
import type { Row } from '../answer.ts'
import { few } from '../bounds.ts'
import type { AppReader } from '../clients.ts'
import { readCrosswalk } from '../crosswalk.ts'
import { addressOf, nameOf, type Person, type Role, roleOf } from '../people.ts'
import type { Questions } from '../probe.ts'
import type { Parameters } from '../question.ts'
import type { Clinic, World } from '../world.ts'

/** Users that are looked for or at, at most, and searches. */
const peopleAtMost = 120

const rowsOfPage = 10

const byNameOf = (id: string, name: string, email: string): Row => ({
  key: `user ${id}`,
  order: name,
  facts: { email, name },
})

/** The people of legacy rows in their order. Who was several rows comes once; who has no usable address not at all. */
function peopleOf(world: World, users: readonly User[]): Person[] {
  const persons = new Map(world.people.flatMap((person) => person.rows.map(({ id }) => [id, person] as const)))
  return [...new Set(users.flatMap(({ id }) => persons.get(id) ?? []))]
}

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
            orderBy: { name: 'asc' },
          })
          // A system administrator is a member nowhere. Of several roles in one clinic the strongest counts.
          const isMeant = ({ memberships }: Person) =>
            clinic === undefined
              ? role === undefined || [...memberships.values()].some((member) => member.role === role)
              : memberships.has(clinic.id) && (role === undefined || memberships.get(clinic.id)!.role === role)
          const people = peopleOf(world, found).filter(isMeant)
          return counted(people.map(({ id, rows: [user] }) => byNameOf(id, nameOf(user), addressOf(user))))
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
            rows.push(...page.map(({ id, fullName, email }) => byNameOf(id, fullName, email)))
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

interface OfTerm extends Parameters {
  readonly term: string
  readonly clinic?: Clinic
}

/** Users whose name or address holds a term, and clinics whose name or location does; ten at most. */
export async function search(world: World): Promise<Questions> {
  const { some, notAsked } = few('users, as terms to search for', world.people, peopleAtMost)
  const inList = { contains: '', mode: 'insensitive' } as const
  const userTerms = some.flatMap((person): OfTerm[] => {
    const user = person.rows[0]
    const clinic = world.chosen.find(({ id }) => id === person.defaultClinic?.id)
    const about = (what: string) => `part of the ${what} of user ${person.id}`
    return [
      { about: about('name'), term: nameOf(user).split(' ')[0]! },
      { about: about('address'), term: addressOf(user).slice(2, 7).toUpperCase() },
      ...(clinic
        ? [
            {
              about: `${about('name')}, clinic ${clinic.id}`,
              clinicId: clinic.id,
              clinic,
              term: nameOf(user).slice(0, 3),
            },
          ]
        : []),
    ]
  })
  const clinicTerms = world.chosen.flatMap(({ id, rows: [clinic] }): OfTerm[] => [
    { about: `part of the name of clinic ${id}`, term: clinic!.name.trim().split(' ')[0]!.toUpperCase() },
    { about: `part of the location of clinic ${id}`, term: clinic!.location.trim().slice(1, 4) },
  ])
  return {
    questions: [
      {
        name: 'searchUsers',
        limit: 10,
        parameters: userTerms,
        legacy: async ({ term, clinic }: OfTerm) => {
          const holds = { ...inList, contains: term }
          const found = await world.legacy.user.findMany({
            where: {
              OR: [{ name: holds }, { email: holds }],
              ...(clinic && { clinicId: { in: [...clinic.legacyIds] } }),
            },
            orderBy: { name: 'asc' },
          })
          return peopleOf(world, found)
            .filter(({ memberships }) => clinic === undefined || memberships.has(clinic.id))
            .map(({ id, rows: [user] }) => byNameOf(id, nameOf(user), addressOf(user)))
        },
        app: async (db, { term, clinic }: OfTerm) => {
          const holds = { ...inList, contains: term }
          const found = await db.profile.findMany({
            where: {
              OR: [{ fullName: holds }, { email: holds }],
              ...(clinic && { memberships: { some: { clinicId: clinic.id, isActive: true } } }),
            },
            orderBy: { fullName: 'asc' },
            take: 10,
          })
          return found.map(({ id, fullName, email }) => byNameOf(id, fullName, email))
        },
      },
      {
        name: 'searchClinics',
        limit: 10,
        parameters: clinicTerms,
        legacy: async ({ term }: OfTerm) => {
          const holds = { ...inList, contains: term }
          const found = await world.legacy.clinic.findMany({ where: { OR: [{ name: holds }, { location: holds }] } })
          // Clinics of one name and location are one now, under the survivor's name.
          const clinics = [...new Set(found.flatMap(({ id }) => world.clinicOf(id) ?? []))]
          return clinics
            .map(({ id, rows: [clinic] }): Row => ({ key: `clinic ${id}`, order: clinic!.name, facts: {} }))
            .sort((a, b) => (a.order! < b.order! ? -1 : 1))
        },
        app: async (db, { term }: OfTerm) => {
          const holds = { ...inList, contains: term }
          const found = await db.clinic.findMany({
            where: { OR: [{ name: holds }, { locationLabel: holds }] },
            orderBy: { name: 'asc' },
            take: 10,
          })
          return found.map(({ id, name }): Row => ({ key: `clinic ${id}`, order: name, facts: {} }))
        },
      },
    ],
    notAsked,
  }
}

interface OfUser extends Parameters {
  readonly person: Person
  /** The clinic in which he is looked at; undefined: by himself. */
  readonly clinic: Clinic | undefined
}

/** A user with his clinic and his dashboards, the newest first, as a colleague sees him or he himself. */
export async function userById(world: World): Promise<Questions> {
  const dashboards = await readCrosswalk(world.query, 'dashboards')
  const all = world.people.flatMap((person): OfUser[] => {
    const clinics = world.chosen.filter(({ id }) => person.memberships.has(id))
    const about = `user ${person.id}`
    if (person.memberships.size === 0) return [{ about, userId: person.id, person, clinic: undefined }]
    return clinics.map((clinic) => ({ about: `${about} of clinic ${clinic.id}`, clinicId: clinic.id, person, clinic }))
  })
  const { some, notAsked } = few('users', all, peopleAtMost)
  const row = (person: { id: string; name: string; email: string; clinic: string | null }): Row => ({
    key: `user ${person.id}`,
    order: '',
    facts: { name: person.name, email: person.email, clinic: person.clinic },
  })
  const dashboardRow = (id: string, createdAt: Date, name: string, isDefault: boolean): Row => ({
    key: `dashboard ${id}`,
    order: createdAt.toISOString(),
    facts: { name, isDefault },
  })
  return {
    questions: [
      {
        name: 'getUserById',
        parameters: some,
        legacy: async ({ person, clinic }: OfUser) => {
          // A dashboard belongs to the clinic of the row that made it.
          const own = clinic === undefined ? person.rows : person.memberships.get(clinic.id)!.rows
          const found = await world.legacy.user.findMany({
            where: { id: { in: own.map(({ id }) => id) } },
            include: { dashboards: true },
          })
          const boards = found
            .flatMap((user) => user.dashboards)
            .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
          // Of several defaults in one clinic the newest stays.
          const newestDefault = boards.find(({ isDefault }) => isDefault)
          const [user] = person.rows
          return [
            row({
              id: person.id,
              name: nameOf(user),
              email: addressOf(user),
              clinic: person.defaultClinic?.id ?? null,
            }),
            ...boards.map((board) =>
              dashboardRow(
                dashboards.idOf(board.id) ?? `of legacy ${board.id}`,
                board.createdAt,
                board.name.trim(),
                board === newestDefault,
              ),
            ),
          ]
        },
        app: async (db: AppReader, { person, clinic }: OfUser) => {
          const user = await db.profile.findFirst({
            where: {
              id: person.id,
              ...(clinic && { memberships: { some: { clinicId: clinic.id, isActive: true } } }),
            },
            include: {
              dashboards: { where: { clinicId: clinic?.id ?? null }, orderBy: { createdAt: 'desc' } },
            },
          })
          if (user === null) return []
          return [
            row({ id: user.id, name: user.fullName, email: user.email, clinic: user.defaultClinicId }),
            ...user.dashboards.map(({ id, createdAt, name, isDefault }) =>
              dashboardRow(id, createdAt, name, isDefault),
            ),
          ]
        },
      },
    ],
    notAsked,
  }
}
