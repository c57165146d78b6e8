import type { Row } from '../answer.ts'
import { few } from '../bounds.ts'
import type { AppReader } from '../clients.ts'
import { readCrosswalk } from '../crosswalk.ts'
import { addressOf, nameOf, type Person } from '../people.ts'
import type { Questions } from '../probe.ts'
import type { Parameters } from '../question.ts'
import { peopleAtMost } from '../user-row.ts'
import type { Clinic, World } from '../world.ts'

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
