import type { Row } from '../answer.ts'
import { few } from '../bounds.ts'
import { readNameOrder } from '../name-order.ts'
import { addressOf, nameOf, squished } from '../people.ts'
import type { Questions } from '../probe.ts'
import type { Parameters } from '../question.ts'
import { peopleAtMost, peopleOf, personRow, userRow } from '../user-row.ts'
import type { Clinic, World } from '../world.ts'

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
  const byName = await readNameOrder(world.query, [
    ...world.people.map(({ rows: [user] }) => nameOf(user)),
    ...world.clinics.map(nameOfClinic),
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
          })
          return peopleOf(world, found)
            .filter(({ memberships }) => clinic === undefined || memberships.has(clinic.id))
            .map(personRow)
            .sort(byName)
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
          return found.map(({ id, fullName, email }) => userRow({ id, name: fullName, email }))
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
            .map((clinic): Row => ({ key: `clinic ${clinic.id}`, order: nameOfClinic(clinic), facts: {} }))
            .sort(byName)
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

const nameOfClinic = ({ rows }: Clinic) => squished(rows[0]!.name)
