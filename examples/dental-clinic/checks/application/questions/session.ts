import type { Row } from '../answer.ts'
import { few } from '../bounds.ts'
import type { AppReader } from '../clients.ts'
import type { Person } from '../people.ts'
import type { Questions } from '../probe.ts'
import type { Parameters } from '../question.ts'
import type { World } from '../world.ts'

/** Users that are asked about at most, each as himself. */
const peopleAtMost = 120

interface OfPerson extends Parameters {
  readonly person: Person
}

function ofPeople({ people }: World): {
  readonly parameters: readonly OfPerson[]
  readonly notAsked: readonly string[]
} {
  const { some, notAsked } = few('users', people, peopleAtMost)
  return { parameters: some.map((person) => ({ about: `user ${person.id}`, userId: person.id, person })), notAsked }
}

/** The rows of the person as the legacy application finds them. Those of one person are one user now. */
async function ownClinics({ legacy, clinicOf, clinics }: World, { rows, isSystemAdmin }: Person): Promise<string[]> {
  const users = await legacy.user.findMany({ where: { id: { in: rows.map(({ id }) => id) } } })
  // A system administrator is above all clinics that are active: the clinic that his row names meant nothing.
  if (isSystemAdmin) return clinics.filter((clinic) => clinic.rows[0]!.status.trim() === 'active').map(({ id }) => id)
  // One whose clinic does not exist has none.
  return [...new Set(users.flatMap(({ clinicId }) => clinicOf(clinicId)?.id ?? []))]
}

/** Who someone is who signs in: his role, and his clinics. */
export async function authContext(world: World): Promise<Questions> {
  const { parameters, notAsked } = ofPeople(world)
  return {
    questions: [
      {
        name: 'getAuthContext',
        parameters,
        legacy: async ({ person }: OfPerson) => [
          context(person.id, {
            isSystemAdmin: person.isSystemAdmin,
            clinics: await ownClinics(world, person),
            // Several rows in one clinic: the strongest role counts.
            roles: [...person.memberships].map(([clinicId, { role }]) => `${role} of ${clinicId}`),
            // Without a clinic nobody may sign in; a profile without one is disabled.
            maySignIn: person.isSystemAdmin || person.memberships.size > 0,
          }),
        ],
        app: async (db, { person }: OfPerson) => {
          const profile = await db.profile.findUnique({
            where: { id: person.id },
            include: { memberships: { where: { isActive: true } } },
          })
          if (profile === null) return []
          const { isSystemAdmin, memberships, status } = profile
          const active = isSystemAdmin ? await db.clinic.findMany({ where: { status: 'active' } }) : []
          return [
            context(profile.id, {
              isSystemAdmin,
              clinics: [...memberships.map(({ clinicId }) => clinicId), ...active.map(({ id }) => id)],
              roles: memberships.map(({ role, clinicId }) => `${role} of ${clinicId}`),
              maySignIn: status === 'active' && (isSystemAdmin || memberships.length > 0),
            }),
          ]
        },
      },
    ],
    notAsked,
  }
}

interface Context {
  readonly isSystemAdmin: boolean
  readonly clinics: readonly string[]
  readonly roles: readonly string[]
  readonly maySignIn: boolean
}

function context(userId: string, { isSystemAdmin, clinics, roles, maySignIn }: Context): Row {
  return {
    key: `user ${userId}`,
    facts: {
      isSystemAdmin,
      clinics: clinics.toSorted().join(' '),
      roles: roles.toSorted().join(', '),
      maySignIn,
    },
  }
}

/** Into which clinics someone may switch: those of his rows, and a system administrator into all. */
export async function switchClinic(world: World): Promise<Questions> {
  const { parameters, notAsked } = ofPeople(world)
  const answered = (ids: readonly string[]) => ids.map((id): Row => ({ key: `clinic ${id}`, facts: {} }))
  return {
    questions: [
      {
        name: 'switchClinic',
        parameters,
        legacy: async ({ person }: OfPerson) =>
          person.isSystemAdmin
            ? answered(world.clinics.map(({ id }) => id))
            : answered(await ownClinics(world, person)),
        // The owner asks with the application's filter; for the user himself the policies are the filter.
        app: async (db: AppReader, { person }: OfPerson, asker) => {
          const isMember = { members: { some: { userId: person.id, isActive: true } } }
          const clinics = await db.clinic.findMany({
            where: asker !== undefined || person.isSystemAdmin ? {} : isMember,
          })
          return answered(clinics.map(({ id }) => id))
        },
      },
    ],
    notAsked,
  }
}
