import { readSchemas } from '../../packages/drover/src/cli/read-schemas.ts'
import { openDatabase } from '../../packages/drover/src/db/pg.ts'
import type { int4, numeric, text, timestamptz } from '../../packages/drover/src/index.ts'
import { defineMigration, lowerTrim, squish } from '../../packages/drover/src/index.ts'
import { buildPlan } from '../../packages/drover/src/plan/build.ts'
import { hazardNames, type Plan } from '../../packages/drover/src/plan/plan.ts'
import { run } from '../../packages/drover/src/run/run.ts'

interface Schema {
  'app.readings': { id: int4; label: text; source: text; value: numeric; at: timestamptz; note: text | null }
}

const m = defineMigration<Schema, Schema>({
  name: 'evolve',
  cutover: '2025-06-01T00:00:00Z',
  source: { freeze: 'block' },
})
const readings = m.evolve('readings', {
  from: (db) => db.selectFrom('app.readings as r'),
  to: 'app.readings',
  columns: ({ r }) => ({ label: squish(r.label), source: lowerTrim(r.source) }),
})

/** The run, of a plan that may be changed before. */
export async function evolveByDrover(url: string, change: (plan: Plan) => Plan = (plan) => plan): Promise<void> {
  const db = await openDatabase(url)
  try {
    const plan = buildPlan(m.migration([readings]), await readSchemas(db, ['app']))
    const { state } = await run(db, change(plan), { allowed: hazardNames, workers: 2 })
    if (state !== 'loaded') throw new Error(`The run is ${state}.`)
  } finally {
    await db.close()
  }
}

/** The same chunks, but for the part that keeps rows as they were: what that costs is the difference. */
export function withoutImages(plan: Plan): Plan {
  return {
    ...plan,
    mappings: plan.mappings.map((mapping) => {
      const chunk = mapping.statements.chunk.replace(/, imaged as \(\n {2}insert[\s\S]*?\n\)/, '')
      if (chunk === mapping.statements.chunk) throw new Error('The chunk has another form than this bench knows.')
      return { ...mapping, statements: { ...mapping.statements, chunk } }
    }),
  }
}
