import type { User } from '../../prisma/generated/legacy/client.ts'
import type { Row } from './answer.ts'
import { addressOf, nameOf, type Person } from './people.ts'
import type { World } from './world.ts'

/** Users that a question looks at one by one, at most. */
export const peopleAtMost = 120

/** A user in a list that is ordered by names. */
export function userRow({
  id,
  name,
  email,
}: {
  readonly id: string
  readonly name: string
  readonly email: string
}): Row {
  return { key: `user ${id}`, order: name, facts: { email, name } }
}

/** The same of a person whom legacy rows make expected. */
export function personRow({ id, rows: [user] }: Person): Row {
  return userRow({ id, name: nameOf(user), email: addressOf(user) })
}

/** The people of legacy rows in their order. Who was several rows comes once; who has no usable address not at all. */
export function peopleOf(world: World, users: readonly User[]): Person[] {
  const persons = new Map(world.people.flatMap((person) => person.rows.map(({ id }) => [id, person] as const)))
  return [...new Set(users.flatMap(({ id }) => persons.get(id) ?? []))]
}
