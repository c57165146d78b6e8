import type { Hazard, MappingPlan, Plan } from '../plan/plan.ts'
import { hazardHead, planHeading } from './plan-text.ts'
import { renderTable } from './table.ts'
import { wrap } from './wrap.ts'

/** A plan in a line for each mapping and each hazard. */
export function renderPlanSummary(plan: Plan): string {
  const rows = plan.mappings.map((mapping, i) => [
    String(i + 1),
    mapping.name,
    mapping.source === 'query' ? '(stored query)' : mapping.source,
    mapping.target,
    [mapping.kind, ...mapping.traits].join(', '),
    String(mapping.columns.length),
    String(codesOf(mapping)),
  ])
  const columns = [
    { title: '', align: 'right' },
    { title: 'mapping', align: 'left' },
    { title: 'source', align: 'left' },
    { title: 'target', align: 'left' },
    { title: 'kind', align: 'left' },
    { title: 'columns', align: 'right' },
    { title: 'guards', align: 'right' },
  ] as const
  return [...planHeading(plan), '', renderTable({ columns, rows }), '', ...hazardLines(plan.hazards)].join('\n')
}

function codesOf(mapping: MappingPlan): number {
  return new Set(mapping.guards.map(({ column, code }) => `${column} ${code}`)).size
}

function hazardLines(hazards: readonly Hazard[]): readonly string[] {
  const names = [...new Set(hazards.map((hazard) => hazard.name))]
  return names.flatMap((name) => {
    const same = hazards.filter((hazard) => hazard.name === name)
    const mappings = same.flatMap((hazard) => hazard.mapping ?? [])
    return wrap(hazardHead(name), mappings.length === 0 ? same[0]!.why : mappings.join(', '))
  })
}
