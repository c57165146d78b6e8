import { openTransaction } from '../db/session.ts'
import { checkConstraintsAtOnce, type MappingPlan, type Plan } from '../plan/plan.ts'

/**
 * Everything that a run of the plan executes, in order, for a DBA to read: not a script, because the statements of the
 * chunks take parameters. `ledger` is the SQL that makes the ledger.
 */
export function renderPlanSql(plan: Plan, ledger: readonly string[]): string {
  const steps = plan.mappings.flatMap((mapping, i) => mappingSteps(mapping, i + 1))
  return [
    comment([
      `drover ${plan.drover}, plan ${plan.hash}`,
      `migration ${plan.migration}, cutover ${plan.cutover}`,
      '',
      'Everything that a run executes, in order. Each block is one transaction; several workers may run the chunks',
      'of a mapping at once. Parameters: $1 run, $2 chunk number, $3 lower bound of the key (inclusive, null for',
      'open), $4 upper bound (exclusive, null for open).',
      ...hazardLines(plan),
    ]),
    comment(['Every transaction opens with these settings.']),
    `${openTransaction({ statementTimeoutMs: 0 }).replaceAll('; ', ';\n')}\n`,
    comment([
      'The ledger, if the database has none yet. Its bookkeeping between the statements below',
      'touches schema drover alone.',
    ]),
    ...ledger.map((sql) => `${sql.trim()}\n`),
    ...steps,
  ].join('\n')
}

function hazardLines({ hazards }: Plan): readonly string[] {
  if (hazards.length === 0) return []
  return [
    '',
    'Hazards:',
    ...hazards.map(({ name, mapping, why }) => `  ${name}: ${mapping === null ? '' : `${mapping}: `}${why}`),
  ]
}

function mappingSteps(mapping: MappingPlan, position: number): readonly string[] {
  const { statements } = mapping
  const title = `${position}. ${mapping.name}: ${mapping.source} → ${mapping.target}`
  const after = mapping.dependsOn.length === 0 ? [] : [`begins when ${mapping.dependsOn.join(', ')} is done`]
  return [
    comment([title, ...after]),
    ...block(`${mapping.name}: prepare`, [
      ...statements.storeSource.map(
        (statement, i) => [i === 0 ? 'the query that the mapping reads from' : null, statement] as const,
      ),
      ['the crosswalk: what becomes of each source row', statements.createCrosswalk],
      ['merges and matches, decided once', statements.resolve],
      ['a row here means that a match is not one to one, and stops the run', statements.findAmbiguousMatches],
      ...statements.settleResolution.map((statement) => [null, statement] as const),
      ['source rows', statements.countSource],
      ['target rows before', statements.countTarget],
      ['the chunks. $2 here: rows per chunk', statements.cutChunks],
    ]),
    ...block(`${mapping.name}: each chunk`, [
      ['a violated constraint must show before the chunk is marked done', checkConstraintsAtOnce],
      ['the chunk', statements.chunk],
    ]),
    ...block(`${mapping.name}: close`, [
      ...statements.close.map((statement) => [null, statement] as const),
      ['source rows again: the chunks must have read as many', statements.countSource],
      ['target rows after', statements.countTarget],
    ]),
  ]
}

/** What a statement is for, where it does not say so itself, and the statement, if the mapping has it. */
type Step = readonly [string | null, string | null]

function block(title: string, steps: readonly Step[]): readonly string[] {
  const present = steps.filter(([, statement]) => statement !== null)
  return [
    `-- ${title}`,
    'begin;',
    ...present.map(([why, statement]) => `${why === null ? '' : `-- ${why}\n`}${statement};`),
    'commit;\n',
  ]
}

function comment(lines: readonly string[]): string {
  const rule = `-- ${'='.repeat(97)}`
  return [rule, ...lines.map((line) => `-- ${line}`.trimEnd()), rule].join('\n')
}
