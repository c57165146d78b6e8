import type { DeclaredCheck } from 'drover'
import { m } from '../../migration/base.ts'
import { withClients } from './clients.ts'
import { type Asked, ask, type Question } from './question.ts'
import { readWorld, type World } from './world.ts'

export interface Questions {
  readonly questions: readonly Question[]
  /** What else than the clinics and users of {@link World} is left out, by kind and number. */
  readonly notAsked?: readonly string[]
}

/** A probe that asks a function of the application, in all its uses. */
export function applicationProbe(name: string, questionsOf: (world: World) => Promise<Questions>): DeclaredCheck {
  return m.probe(name, async (context) => {
    const answer = await withClients(context.url, async (clients) => {
      const world = await readWorld(context, clients)
      const { questions, notAsked = [] } = await questionsOf(world)
      const answers: Asked[] = []
      for (const question of questions) answers.push(await ask(world, question))
      return {
        asked: answers.reduce((sum, { asked }) => sum + asked, 0),
        wrong: answers.flatMap(({ wrong }) => wrong),
        notAsked: [...world.notAsked, ...notAsked].map((left) => `${name} was not asked about ${left}.`),
      }
    })
    return answer ?? { asked: 0, wrong: [], notAsked: [`${name}: the Prisma clients are missing, npm run generate.`] }
  })
}
