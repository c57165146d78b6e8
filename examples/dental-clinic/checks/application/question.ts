import { differences, type Row } from './answer.ts'
import { type AppReader, asUser, connections } from './clients.ts'
import type { World } from './world.ts'

/** What a question is asked about. */
export interface Parameters {
  /** In keys and words of the schema: `clinic 7d4d…, from 2025-01-01`. Sentences show it. */
  readonly about: string
  /** The clinic whose rows it asks for: its members get the same answer, all others none. */
  readonly clinicId?: string
  /** Who asks for himself, as himself. */
  readonly userId?: string
}

/** A question of the application, as it asked the legacy schema and as it asks the new one. */
export interface Question<P extends Parameters = Parameters> {
  /** The application's function. */
  readonly name: string
  readonly parameters: readonly P[]
  /** Asks the legacy schema and makes of the rows what the migration's decisions make of them. Complete, in order. */
  legacy(parameters: P): Promise<readonly Row[]>
  /** Asks the new one. `asker` is the user whose claims hold; undefined: the owner, whom no policy restricts. */
  app(db: AppReader, parameters: P, asker: string | undefined): Promise<readonly Row[]>
  /** The answer holds so many rows at most. Default: all. */
  readonly limit?: number
  /** Rows of it belong to all clinics: there is nobody whom it must refuse. Default false. */
  readonly isShared?: boolean
}

export interface Asked {
  readonly asked: number
  readonly wrong: readonly string[]
}

/** Asks a question about everything: as the owner with the application's filters, and as users under row-level security. */
export async function ask<P extends Parameters>(world: World, question: Question<P>): Promise<Asked> {
  const wrong: string[] = []
  const answers = new Map<P, readonly Row[]>()
  await sideBySide(question.parameters, async (parameters) => {
    world.signal.throwIfAborted()
    const [expected, actual] = await Promise.all([
      question.legacy(parameters),
      question.app(world.app, parameters, undefined),
    ])
    answers.set(parameters, expected)
    wrong.push(...differences(`${question.name}(${parameters.about})`, expected, actual, question.limit))
  })
  let asked = question.parameters.length
  await sideBySide([...askers(world, question)], async ([userId, due]) => {
    world.signal.throwIfAborted()
    asked += due.length
    await asUser(world.app, userId, async (db) => {
      for (const { parameters, isRefused } of due) {
        const what = `${question.name}(${parameters.about}) as user ${userId}${isRefused ? ', no member' : ''}`
        const actual = await question.app(db, parameters, userId)
        wrong.push(...differences(what, isRefused ? [] : answers.get(parameters)!, actual, question.limit))
      }
    })
  })
  return { asked, wrong }
}

interface Due<P> {
  readonly parameters: P
  /** He is no member of the clinic: he must see nothing of it. */
  readonly isRefused: boolean
}

/**
 * Who asks what. Every member of a clinic asks something, and everything about a clinic is asked by some member; they
 * take turns. Everybody also asks for something of a clinic that he is no member of.
 */
function askers<P extends Parameters>(world: World, { parameters, isShared }: Question<P>): Map<string, Due<P>[]> {
  const dues = new Map<string, Due<P>[]>()
  const add = (userId: string, due: Due<P>) => dues.set(userId, [...(dues.get(userId) ?? []), due])
  for (const own of parameters) {
    if (own.userId !== undefined) add(own.userId, { parameters: own, isRefused: false })
  }
  const ofClinics = parameters.filter(({ clinicId }) => clinicId !== undefined)
  for (const [clinicId, group] of Map.groupBy(ofClinics, (each) => each.clinicId!)) {
    const members = world.askers.filter(({ clinicIds }) => clinicIds.has(clinicId))
    if (members.length === 0) continue
    for (let turn = 0; turn < Math.max(group.length, members.length); turn++) {
      add(members[turn % members.length]!.userId, { parameters: group[turn % group.length]!, isRefused: false })
    }
  }
  for (const [turn, { userId, clinicIds }] of isShared ? [] : world.askers.entries()) {
    const foreign = ofClinics.filter(({ clinicId }) => !clinicIds.has(clinicId!))
    if (foreign.length > 0) add(userId, { parameters: foreign[(turn * 7) % foreign.length]!, isRefused: true })
  }
  return dues
}

/** Does the work for each item, as many at a time as there are connections. */
export async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  const worker = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: connections }, worker))
}
