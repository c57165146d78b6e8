import { authUserStatements } from './auth-users.ts'
import { drawBlueprint, type GeneratorOptions } from './blueprint.ts'
import { clinicStatements } from './clinics.ts'
import { columnMappingStatements } from './column-mappings.ts'
import { dashboardStatements, widgetStatements } from './dashboards.ts'
import { dataSourceStatements } from './data-sources.ts'
import { foreignProviderStatements } from './foreign-providers.ts'
import { goalStatements } from './goals.ts'
import { metricDefinitionStatements } from './metric-definitions.ts'
import { metricValueStatements } from './metric-values.ts'
import { providerStatements } from './providers.ts'
import { work } from './sql-text.ts'
import { userStatements } from './users.ts'
import { valuePlanStatements } from './value-defects.ts'

export type Query = (sql: string) => Promise<readonly Record<string, unknown>[]>

export async function generate(query: Query, options: GeneratorOptions): Promise<void> {
  const blueprint = drawBlueprint(options)
  const statements = [
    `drop schema if exists ${work} cascade`,
    `create schema ${work}`,
    ...[
      clinicStatements,
      metricDefinitionStatements,
      providerStatements,
      userStatements,
      authUserStatements,
      dataSourceStatements,
      columnMappingStatements,
      foreignProviderStatements,
      valuePlanStatements,
      metricValueStatements,
      goalStatements,
      dashboardStatements,
      widgetStatements,
    ].flatMap((statementsOf) => statementsOf(blueprint)),
  ]
  for (const statement of statements) {
    const t = Date.now()
    try { await query(statement) } catch (e) { console.log(statement); throw e }
    if (Date.now() - t > 200) console.log(Date.now() - t, statement.slice(0, 60))
  }
}
