import type { TransactionOptions } from '../db/connection.ts'
import { openTransaction } from '../db/session.ts'
import { checkConstraintsAtOnce, type FrozenTable, type MappingPlan, type Plan } from '../plan/plan.ts'
import { defaultLimits, workerSettings } from '../run/worker.ts'
import { renderChecks } from './plan-sql-checks.ts'
import { rebuildSteps, takeOffSteps, uniqueSteps } from './plan-sql-rebuild.ts'
import { renderRepairs } from './plan-sql-repair.ts'
import { block, comment, type Step } from './sql-blocks.ts'

const { chunkStatementMs, stepStatementMs, lockMs, idleMs } = defaultLimits

/** How the transaction of a chunk opens, but for the name of the worker. */
const chunkOptions: TransactionOptions = {
  statementTimeoutMs: chunkStatementMs,
  lockTimeoutMs: lockMs,
  idleTimeoutMs: idleMs,
  settings: workerSettings,
}

/**
 * Everything that a run of the plan executes, in order, for a DBA to read: not a script, because the statements of the
 * chunks take parameters. `ledger` is the SQL that makes the ledger.
 */
export function renderPlanSql(plan: Plan, ledger: readonly string[]): string {
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
    comment([
      'Every transaction opens with these settings, unless drover.config.ts sets other limits. statement_timeout is that',
      `of a chunk: it is ${stepStatementMs}ms where a mapping is prepared or closed, and the source frozen or let go.`,
    ]),
    `${openTransaction(chunkOptions).replaceAll('; ', ';\n')}\n`,
    comment([
      'The ledger, if the database has none yet. Its bookkeeping between the statements below',
      'touches schema drover alone.',
    ]),
    ...ledger.map((sql) => `${sql.trim()}\n`),
    renderSteps(plan),
  ].join('\n')
}

/**
 * What is particular to the plan: the source is frozen, one mapping after the other is carried out, the source is let
 * go.
 */
export function renderSteps({ freeze, rebuilds, mappings, checks }: Plan): string {
  return [
    ...freezeSteps(freeze.tables),
    ...takeOffSteps(rebuilds),
    ...mappings.flatMap((mapping, i) => mappingSteps(mapping, i + 1, { mappings, rebuilds })),
    ...rebuildSteps(rebuilds),
    ...releaseSteps(freeze.tables),
    ...renderRepairs(mappings),
    ...renderChecks(checks),
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

function freezeSteps(tables: readonly FrozenTable[]): readonly string[] {
  if (tables.length === 0) return []
  const steps = tables.flatMap(({ block, digest }): readonly Step[] => [
    ...block.map((statement) => [null, statement] as const),
    ['what must be the same at the end', digest],
  ])
  return [comment(['The source is frozen, in the transaction that makes the run.']), ...block('freeze', steps)]
}

function releaseSteps(tables: readonly FrozenTable[]): readonly string[] {
  if (tables.length === 0) return []
  const steps = tables.flatMap(({ release, digest }): readonly Step[] => [
    [null, release],
    ['it must be what it was', digest],
  ])
  return [comment(['The source is let go, when every mapping is closed.']), ...block('release', steps)]
}

function mappingSteps(
  mapping: MappingPlan,
  position: number,
  { mappings: all, rebuilds }: Pick<Plan, 'mappings' | 'rebuilds'>,
): readonly string[] {
  const { statements, sequences, compute } = mapping
  const title = `${position}. ${mapping.name}: ${mapping.source} → ${mapping.target}`
  const after = mapping.dependsOn.length === 0 ? [] : [`begins when ${mapping.dependsOn.join(', ')} is done`]
  return [
    comment([title, ...after]),
    ...block(`${mapping.name}: prepare`, [
      ...statements.storeSource.map(
        (statement, i) => [i === 0 ? 'the query that the mapping reads from' : null, statement] as const,
      ),
      ['the crosswalk: what becomes of each source row', statements.createCrosswalk],
      ['rows of the target as they were before they were updated', statements.createImages],
      ['merges and matches, decided once', statements.resolve],
      ['a row here means that a match is not one to one, and stops the run', statements.findAmbiguousMatches],
      ...statements.settleResolution.map((statement) => [null, statement] as const),
      ['source rows', statements.countSource],
      ['target rows before', statements.countTarget],
      ['control totals of the source', mapping.totals?.before ?? null],
      ...sequences.map(({ name, note }) => [`where sequence ${name} stands`, note] as const),
      ['the pieces that chunks are made of. $2 here: rows per piece', statements.cutChunks],
    ]),
    ...partitionLines(mapping),
    ...block(`${mapping.name}: each chunk`, [
      ['a violated constraint must show before the chunk is marked done', checkConstraintsAtOnce],
      ['the table must not be rewritten meanwhile', statements.holdSource],
      ['what the row function is given. $1 here: lower bound, $2: upper bound', compute?.statement ?? null],
      [compute === null ? 'the chunk' : 'the chunk. $5: what the function made of the rows, as JSON', statements.chunk],
    ]),
    ...block(`${mapping.name}: a chunk that is to be cut in two`, [
      ['where. $1 here: lower bound, $2: upper bound, $3: places below the cut, null for half', statements.splitChunk],
    ]),
    ...block(`${mapping.name}: a chunk of one row that the database refuses`, [
      ['$5 code, $6 reasons, $7 SQLSTATE, $8 whether `where` is asked', statements.setAside],
    ]),
    ...block(
      `${mapping.name}: the key of the crosswalk`,
      statements.keyCrosswalk.map((statement) => [null, statement] as const),
    ),
    ...block(`${mapping.name}: the statistics of the target`, [[null, statements.analyzeTarget]]),
    ...uniqueSteps(rebuilds, mapping.name),
    ...block(`${mapping.name}: close`, [
      ...statements.close.map((statement) => [null, statement] as const),
      ...settleSteps(mapping, all),
      ...sequences.map(({ name, advance }) => [`sequence ${name} ahead of the keys`, advance] as const),
      ['control totals of source and target', mapping.totals?.loaded ?? null],
      ['source rows again: the chunks must have read as many', statements.countSource],
      ['target rows after', statements.countTarget],
    ]),
  ]
}

/** What the statements of a chunk read, where it is not one relation. */
function partitionLines({ name, partitions }: MappingPlan): readonly string[] {
  if (partitions.length === 0) return []
  const lines = partitions.map(({ select }) => `  ${select}`)
  return [
    comment([
      `${name}: "drover"."partitions" below stands for those of these queries, joined by union all, that lie between`,
      'the bounds of the chunk. A bound is the number of a partition, and a place in it; alone, ahead of all its rows:',
      ...lines,
    ]),
  ]
}

/** What waits for the last row of the mapping, in the order in which a run carries it out. */
function settleSteps({ name, statements }: MappingPlan, all: readonly MappingPlan[]): readonly Step[] {
  const repeated = 'Repeated until no row is left. $2 here: the entry that adjusts the counts'
  const filledNow = all.filter((other) => other.statements.settleReferences?.after === name)
  return [
    ['what is checked late, now', checkConstraintsAtOnce],
    [`rows whose reference leads nowhere. ${repeated}`, statements.settleReferences?.quarantine ?? null],
    [`duplicates whose survivor was not loaded. ${repeated}`, statements.settleMerges],
    ...filledNow.map(
      (other) => [`references of ${other.name} that close a circle`, other.statements.settleReferences!.fill] as const,
    ),
  ]
}
