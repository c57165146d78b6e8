import { few } from '../bounds.ts'
import { goalRow, readProgress, toGoal, valuesThatCount } from '../goal-row.ts'
import { type Goal, progressOf, readGoals, valuesOf } from '../goals.ts'
import type { Questions } from '../probe.ts'
import type { Parameters } from '../question.ts'
import { toValue, valueRow } from '../value-row.ts'
import { readValues } from '../values.ts'
import type { Clinic, World } from '../world.ts'

/** Goals that are asked for, at most. */
const goalsAtMost = 300

interface OfGoal extends Parameters {
  readonly clinic: Clinic
  readonly goal: Goal
}

/** One goal, how far it is, and the values that count for it, the oldest first. */
export async function goalById(world: World): Promise<Questions> {
  const expected = await readGoals(world)
  const values = await readValues(world)
  const all: OfGoal[] = []
  for (const clinic of world.chosen) {
    for (const goal of await expected.ofClinic(clinic)) {
      all.push({ about: `goal ${goal.id}, clinic ${clinic.id}`, clinicId: clinic.id, clinic, goal })
    }
  }
  const { some, notAsked } = few('goals', all, goalsAtMost)
  return {
    questions: [
      {
        name: 'getGoalById',
        parameters: some,
        legacy: async ({ clinic, goal }: OfGoal) => {
          const counting = valuesOf(goal, await values.ofClinic(clinic))
          const history = counting.toSorted((a, b) => (a.day === b.day ? 0 : a.day < b.day ? -1 : 1))
          return [
            { ...goalRow(goal, progressOf(goal, counting)), order: '' },
            ...history.map((value) => valueRow(value, value.day)),
          ]
        },
        app: async (db, { goal: { id } }: OfGoal) => {
          const row = await db.goal.findUnique({ where: { id } })
          if (row === null) return []
          const goal = toGoal(row)
          const history = await db.metricValue.findMany({
            where: valuesThatCount(goal),
            orderBy: { metricDate: 'asc' },
          })
          return [
            { ...goalRow(goal, await readProgress(db, goal)), order: '' },
            ...history.map(toValue).map((value) => valueRow(value, value.day)),
          ]
        },
      },
    ],
    notAsked,
  }
}
