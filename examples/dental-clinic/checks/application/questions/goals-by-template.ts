import type { Row } from '../answer.ts'
import { readDefinitions } from '../definitions.ts'
import { goalRow, latestFirst, toGoal } from '../goal-row.ts'
import { readGoals } from '../goals.ts'
import type { Questions } from '../probe.ts'
import type { Parameters } from '../question.ts'
import type { Clinic, World } from '../world.ts'

const periods = ['monthly', 'weekly'] as const

interface OfTemplate extends Parameters {
  readonly clinic: Clinic
  readonly definitionId: string
  readonly period: (typeof periods)[number]
}

/**
 * The goals that a template stands for: those of its metric and period. The legacy data has no templates, nor has the
 * new.
 */
export async function goalsByTemplate(world: World): Promise<Questions> {
  const expected = await readGoals(world)
  const definitions = await readDefinitions(world)
  const parameters = world.chosen.flatMap((clinic) =>
    definitions.all.flatMap((definitionId) =>
      periods.map((period): OfTemplate => {
        const about = `metric ${definitionId}, ${period}, clinic ${clinic.id}`
        return { about, clinicId: clinic.id, clinic, definitionId, period }
      }),
    ),
  )
  return {
    questions: [
      {
        name: 'getGoalsByTemplate',
        parameters,
        legacy: async ({ clinic, definitionId, period }: OfTemplate) => {
          const where = { metricDefinitionId: { in: definitions.legacyIds(definitionId) }, timePeriod: period }
          return (await expected.ofClinic(clinic, where)).map((goal) => goalRow(goal))
        },
        app: async (db, { clinic, definitionId, period }: OfTemplate) => {
          const template = { metricDefinitionId: definitionId, period }
          const templates = await db.goalTemplate.findMany({ where: template })
          const found = await db.goal.findMany({ where: { clinicId: clinic.id, ...template }, orderBy: latestFirst })
          return [
            ...templates.map(({ id }): Row => ({ key: `template ${id}`, order: '', facts: {} })),
            ...found.map((row) => goalRow(toGoal(row))),
          ]
        },
      },
    ],
  }
}
