import type { Database, Queryable } from '../db/connection.ts'
import { findRun } from '../ledger/run.ts'
import { readTallies } from '../ledger/tally.ts'
import { dispositions } from '../plan/disposition.ts'
import { ledgerTables, type MappingPlan } from '../plan/plan.ts'
import type { Outcome } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { parseName, printName, tableNode } from '../sql/nodes.ts'
import type { CodeCount, RehearsedMapping, RehearsedRun, RelationSize } from './rehearsed-run.ts'
import type { Sample } from './sample.ts'

/** What is measured beside the ledger. */
export interface Measured {
  /**
   * Write-ahead log of the server during the run, in bytes. Default: between the first and the last look of the
   * governor.
   */
  readonly walBytes?: bigint
}

/**
 * Reads what a run did in a scratch database that holds a sample. The run must be loaded, and not taken back.
 *
 * @throws DroverError `run-missing`.
 */
export async function readRehearsedRun(
  db: Database,
  runId: string,
  sample: Sample,
  measured: Measured = {},
): Promise<RehearsedRun> {
  return db.transaction(
    async (tx) => {
      const { plan } = await findRun(tx, runId)
      const mappings: RehearsedMapping[] = []
      for (const mapping of plan.mappings) mappings.push(await readMapping(tx, runId, mapping, sample))
      const targets = [...new Set(plan.mappings.map(({ target }) => printName(parseName(target))))]
      const [run] = await tx.query(runQuery, [runId])
      return {
        runId,
        planHash: plan.hash,
        seconds: Number(run!.seconds),
        workers: Number(run!.workers),
        walBytes: measured.walBytes ?? (run!.wal_bytes === null ? null : BigInt(run!.wal_bytes as string)),
        mappings,
        targets: await readSizes(tx, targets),
        ledger: await readSizes(
          tx,
          sharedTables.map((name) => `drover.${name}`),
        ),
      }
    },
    { name: 'rehearsed run', readOnly: true, settings: { transaction_isolation: 'repeatable read' } },
  )
}

/** What all mappings write to, each a row for what it counts. */
const sharedTables = ['quarantine', 'correction', 'note', 'merge'] as const

const runQuery = `select
  (
    select extract(epoch from max(step.finished_at) - min(run.started_at))
    from drover.run
    join drover.step on step.run_id = run.id
    where run.id = $1
  ) as seconds,
  (select count(distinct worker) from drover.chunk where run_id = $1) as workers,
  (
    select (max((figures ->> 'walBytes')::numeric) - min((figures ->> 'walBytes')::numeric))::int8
    from drover.sample
    where run_id = $1
  ) as wal_bytes`

async function readMapping(
  tx: Queryable,
  runId: string,
  { name, target, traits, guards }: MappingPlan,
  sample: Sample,
): Promise<RehearsedMapping> {
  const isDrawn = sample.mappings.some(({ mapping, basis }) => mapping === name && basis === 'drawn')
  const crosswalk = compile(tableNode(ledgerTables.crosswalk(name)))
  const rows = await tx.query(countsQuery(crosswalk, isDrawn), [runId, name])
  const [time] = await tx.query(timesQuery, [runId, name])
  const own = [ledgerTables.crosswalk(name), ledgerTables.source(name), ledgerTables.images(name)]
  const [size] = await tx.query(ownSizeQuery, [own.map((table) => table.name)])
  const { read } = (await readTallies(tx, runId)).find(({ mapping }) => mapping === name)!
  const counted = (row: Readonly<Record<string, unknown>>) => ({
    rows: BigInt(row.rows as string),
    spread: Number(row.spread),
  })
  const seen = rows.filter(({ outcome }) => outcome !== 'disposition')
  const unseen = new Map<string, CodeCount>()
  for (const { outcome, code, column } of guards) {
    const where = outcome === 'quarantine' ? null : column
    const isSeen = seen.some((row) => row.outcome === outcome && row.code === code && row.column_name === where)
    if (isSeen) continue
    unseen.set([outcome, code, where].join(' '), { what: code, outcome, column: where, rows: 0n, spread: 1 })
  }
  const possible = [
    'loaded',
    'quarantined',
    ...(traits.includes('merge') ? ['merged'] : []),
    ...(traits.includes('match') ? ['matched'] : []),
  ]
  return {
    mapping: name,
    target: printName(parseName(target)),
    read,
    chunkSeconds: Number(time!.chunk_seconds),
    seconds: Number(time!.seconds),
    ledgerBytes: BigInt(size!.bytes as string),
    dispositions: dispositions.flatMap((what) => {
      const row = rows.find((each) => each.outcome === 'disposition' && each.code === what)
      if (row !== undefined) return [{ what, ...counted(row) }]
      return possible.includes(what) ? [{ what, rows: 0n, spread: 1 }] : []
    }),
    codes: [
      ...seen.map((row) => ({
        what: row.code as string,
        outcome: row.outcome as Outcome,
        column: row.column_name as string | null,
        ...counted(row),
      })),
      ...unseen.values(),
    ],
  }
}

/**
 * What became of the rows of a mapping, by code; of a drawn one those of the draw. The spread of rows that fall together in
 * groups of n is the sum of n² by the sum of n. `$1` run, `$2` mapping.
 */
function countsQuery(crosswalk: string, isDrawn: boolean): string {
  return `with outcomes as (
  select 'disposition' as outcome, null as column_name, disposition as code, source_key from ${crosswalk}
  union all
  select 'quarantine', null, code, source_key from drover.quarantine where run_id = $1 and mapping = $2
  union all
  select 'correct', column_name, code, source_key from drover.correction where run_id = $1 and mapping = $2
  union all
  select 'note', column_name, code, source_key from drover.note where run_id = $1 and mapping = $2
)
${
  isDrawn
    ? `, units as (
  select outcome, column_name, code, unit, count(*) as n
  from outcomes
  join drover_sample.drawn using (source_key)
  where drawn.mapping = $2
  group by 1, 2, 3, 4
)
select outcome, column_name, code, sum(n) as rows, sum(n * n) / sum(n) as spread
from units
group by 1, 2, 3`
    : `select outcome, column_name, code, count(*) as rows, 1 as spread
from outcomes
where source_key is not null
group by 1, 2, 3`
}
order by outcome, code, column_name`
}

const timesQuery = `select coalesce((
    select sum(extract(epoch from finished_at - started_at))
    from drover.chunk
    where run_id = $1 and mapping = $2 and kind = 'range'
  ), 0) as chunk_seconds,
  coalesce(extract(epoch from finished_at - started_at), 0) as seconds
from drover.step
where run_id = $1 and mapping = $2`

const ownSizeQuery = `select coalesce(sum(pg_total_relation_size(c.oid)), 0)::int8 as bytes
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where n.nspname = 'drover' and c.relname = any ($1)`

/** Of a partitioned table with its partitions. */
async function readSizes(tx: Queryable, names: readonly string[]): Promise<readonly RelationSize[]> {
  const sizes: RelationSize[] = []
  for (const name of names) {
    const table = parseName(name)
    const relation = compile(tableNode(table))
    const [row] = await tx.query(
      `select (select count(*) from ${relation}) as rows, sum(pg_total_relation_size(leaf.oid))::int8 as bytes,
  sum(current_setting('block_size')::int8 * (
    1 + (leaf.reltoastrelid <> 0)::int + (select count(*) from pg_index as i where i.indrelid = leaf.oid)
  ))::int8 as empty_bytes
from pg_class as leaf
where leaf.oid in (select relid from pg_partition_tree(format('%I.%I', $1::text, $2::text)::regclass))
  or leaf.oid = format('%I.%I', $1::text, $2::text)::regclass`,
      [table.schema, table.name],
    )
    sizes.push({
      name,
      rows: BigInt(row!.rows as string),
      bytes: BigInt(row!.bytes as string),
      emptyBytes: BigInt(row!.empty_bytes as string),
    })
  }
  return sizes
}
