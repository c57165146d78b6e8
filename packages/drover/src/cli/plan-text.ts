import type { DeclaredPlan } from '../plan/declared-plan.ts'
import { type GuardPlan, type HazardName, hazardNames, type MappingPlan, type Plan } from '../plan/plan.ts'
import { wrap } from './wrap.ts'

/** A plan for people: what will happen to which table, in which order, and what must be allowed first. */
export function renderPlan(plan: Plan): string {
  return [
    ...planHeading(plan),
    '',
    'Mappings, in the order in which they run:',
    ...plan.mappings.flatMap((mapping, i) => ['', ...mappingLines(mapping, i + 1), ...nodeLines(mapping, plan)]),
    '',
    ...rebuildLines(plan),
    ...checkLines(plan),
    ...hazardLines(plan),
  ].join('\n')
}

/** Which plan it is, and for what. */
export function planHeading(plan: Plan): readonly string[] {
  return [
    `Plan ${plan.hash.slice(0, 12)} of migration ${plan.migration}`,
    `  cutover ${plan.cutover}, PostgreSQL ${Math.floor(plan.catalog.serverVersion / 10_000)}, schemas ${plan.catalog.schemas.join(', ')}, drover ${plan.drover}`,
    `  source  ${freezeWords[plan.freeze.mode]}`,
  ]
}

const freezeWords = {
  block: 'writes to it fail until the run ends',
  verify: 'compared before and after, so that a write during the run is noticed',
  none: 'not frozen',
} as const

function mappingLines(mapping: MappingPlan, position: number): readonly string[] {
  const guards = (is: (guard: GuardPlan) => boolean) =>
    mapping.guards
      .filter(is)
      .map(({ column, code }) => `${column} ${code}`)
      .join(', ')
  const details = [
    ['kind', [mapping.kind, ...mapping.traits].join(', ')],
    ['after', mapping.dependsOn.join(', ')],
    ['chunks', rangesOf(mapping)],
    ['columns', columnsOf(mapping)],
    ['quarantine', guards(({ outcome, accepted }) => outcome === 'quarantine' && !accepted)],
    ['reject', guards(({ accepted }) => accepted === true)],
    ['correct', guards(({ outcome }) => outcome === 'correct')],
    ['note', guards(({ outcome }) => outcome === 'note')],
  ] as const
  const source = mapping.source === 'query' ? 'a query, stored first' : mapping.source
  return [
    `${String(position).padStart(3)}. ${mapping.name}: ${source} → ${mapping.target}`,
    ...details.flatMap(([title, text]) => (text === '' ? [] : wrap(`       ${title.padEnd(12)}`, text))),
  ]
}

/** On a cluster: where the rows go, and how they come there. */
function nodeLines({ name, spread }: MappingPlan, { executions = [] }: Plan): readonly string[] {
  const told = executions.flatMap(({ mapping, sentence }) => (mapping === name ? [sentence] : []))
  const sentences = [...(spread?.notes ?? []), ...told]
  return sentences.flatMap((sentence, i) => wrap(`       ${(i === 0 ? 'nodes' : '').padEnd(12)}`, sentence))
}

function rangesOf({ ranges, key, partitions }: MappingPlan): string {
  const what = ranges === 'key' ? `ranges of the key ${key.join(', ')}` : 'ranges of physical blocks'
  if (partitions.length === 0) return what
  return `${what}, cut in each of ${partitions.length} partitions; small ones share a chunk`
}

/** Lineage: each target column and the source columns that it is made from. */
function columnsOf({ columns }: MappingPlan): string {
  const constants = columns.filter((column) => column.reads.length === 0).map((column) => column.name)
  const made = columns.filter((column) => column.reads.length > 0)
  const lineage = made.map(({ name, reads }) => `${name} ← ${reads.join(' + ')}`).join(', ')
  return constants.length === 0 ? lineage : `${lineage}; the same for every row: ${constants.join(', ')}`
}

function rebuildLines({ rebuilds }: Plan): readonly string[] {
  if (rebuilds.length === 0) return []
  return [
    'Indexes and constraints, taken off where the target is empty and made again after the load:',
    ...rebuilds.flatMap(({ table, objects, kept }) => [
      ...wrap(`  ${table}: `, objects.map(({ name }) => name).join(', ')),
      ...kept.flatMap(({ name, why }) => wrap('    ', `${name} stays: ${why}`)),
    ]),
    '',
  ]
}

function checkLines({ checks }: Plan): readonly string[] {
  if (checks.length === 0) return []
  return [
    'Checks, which drover verify asks besides its own:',
    ...checks.flatMap((check) => wrap(`  ${checkWords[check.kind].padEnd(14)}`, `${check.name}${allowed(check)}`)),
    '',
  ]
}

const checkWords = {
  assertion: 'business rule',
  parity: 'parity',
  access: 'access',
  attempt: 'attempt',
  probe: 'probe',
} as const satisfies Record<DeclaredPlan['kind'], string>

function allowed(check: DeclaredPlan): string {
  const allow = 'allow' in check ? check.allow : null
  if (allow === null) return ''
  return ` (warns up to ${'rows' in allow ? `${allow.rows} rows` : `${allow.percent}%`})`
}

const hazardWidth = Math.max(...hazardNames.map((name) => name.length)) + 1

/** The flag that allows a hazard, and room for what it is about. */
export function hazardHead(name: HazardName): string {
  return `  --allow ${name.padEnd(hazardWidth)}`
}

function hazardLines({ hazards }: Plan): readonly string[] {
  if (hazards.length === 0) return ['Hazards: none.']
  return [
    'Hazards, each to be allowed by name before a run:',
    ...hazards.flatMap(({ name, mapping, why }) =>
      wrap(hazardHead(name), mapping === null ? why : `${mapping}: ${why}`),
    ),
  ]
}
