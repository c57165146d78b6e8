import { type RawBuilder, sql } from 'kysely'
import type { Queryable, Row } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import { ledgerSchema, type MappingPlan } from '../plan/plan.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier, parameter, tableNode } from '../sql/nodes.ts'
import { readMaskedRows } from './masked-rows.ts'
import { quarantineCommands } from './quarantine-commands.ts'
import type { ColumnGroup, MergeGroup, QuarantineGroup } from './report.ts'
import { columnQuery, quarantineQuery } from './shown-rows.ts'

/** Keys or pairs of keys that a group shows at most. */
const sampled = 5

/** Quarantined rows by mapping and code, with the masked values of a few. */
export async function readQuarantine(
  tx: Queryable,
  run: Pick<Run, 'id' | 'plan' | 'state'>,
): Promise<readonly QuarantineGroup[]> {
  const rows = await readGroups(tx, run.id, {
    table: 'quarantine',
    by: ['mapping', 'code'],
    sample: ['source_key'],
    counted: 'accepted_at',
  })
  const groups = rows.map((row) => ({
    mapping: row.mapping as string,
    code: row.code as string,
    columns: columnsOf(run.plan.mappings, row),
    rows: row.n as string,
    accepted: row.counted as string,
    sampleKeys: row.source_key as readonly string[],
  }))
  const samples = await readMaskedRows(tx, run, groups)
  return groups.map((group, i) => ({
    ...group,
    sample: samples[i]!,
    query: quarantineQuery(run.id, group),
    commands: quarantineCommands(run, { ...group, waiting: BigInt(group.rows) - BigInt(group.accepted) }),
  }))
}

/** Corrections or notes by mapping, column and code. */
export async function readColumnGroups(
  tx: Queryable,
  runId: string,
  table: 'correction' | 'note',
): Promise<readonly ColumnGroup[]> {
  const rows = await readGroups(tx, runId, {
    table,
    by: ['mapping', 'column_name', 'code'],
    sample: ['source_key'],
  })
  return rows.map((row) => {
    const keys = (row.source_key as readonly (string | null)[]).filter((key) => key !== null)
    const cause = { mapping: row.mapping as string, column: row.column_name as string, code: row.code as string }
    return {
      ...cause,
      // Without a key it was noted once, of the whole mapping.
      rows: keys.length === 0 ? null : (row.n as string),
      sampleKeys: keys,
      query: columnQuery(runId, table, cause),
    }
  })
}

/** Merged rows by mapping. */
export async function readMerges(tx: Queryable, runId: string): Promise<readonly MergeGroup[]> {
  const rows = await readGroups(tx, runId, {
    table: 'merge',
    by: ['mapping'],
    sample: ['source_key', 'survivor_key'],
  })
  return rows.map((row) => {
    const survivors = row.survivor_key as readonly string[]
    return {
      mapping: row.mapping as string,
      rows: row.n as string,
      samplePairs: (row.source_key as readonly string[]).map((key, i) => ({ key, survivor: survivors[i]! })),
    }
  })
}

/** A table of the ledger, the columns that make its groups, and those of which a few are shown. */
interface Grouping {
  readonly table: 'quarantine' | 'correction' | 'note' | 'merge'
  readonly by: readonly ('mapping' | 'code' | 'column_name')[]
  readonly sample: readonly ('source_key' | 'survivor_key')[]
  /** The column whose values are counted besides, as `counted`. */
  readonly counted?: 'accepted_at'
}

function readGroups(tx: Queryable, runId: string, { table, by, sample, counted }: Grouping): Promise<readonly Row[]> {
  const names = (columns: readonly string[]) => sql.join(columns.map(id))
  const samples = sample.map((column) => sql`array_agg(${id(column)} order by position) as ${id(column)}`)
  const order = by.map((column) => sql`${id(column)} collate "C"`)
  const [count, counts] = counted
    ? [sql`\n    count(${id(counted)}) over (partition by ${names(by)}) as counted,`, sql`, counted`]
    : [sql``, sql``]
  // Numbered and cut before it is aggregated: a group of millions would be one array in the server's memory.
  const query = sql`select ${names(by)}, n${counts}, ${sql.join(samples)}
from (
  select ${names([...by, ...sample])},
    count(*) over (partition by ${names(by)}) as n,${count}
    row_number() over (partition by ${names(by)} order by source_key) as position
  from ${expressionOf(tableNode({ schema: ledgerSchema, name: table }))}
  where run_id = ${expressionOf(parameter(1, 'bigint'))}
) as numbered
where position <= ${sql.lit(sampled)}
group by ${names(by)}, n${counts}
order by n desc, ${sql.join(order)}`
  return tx.query(`/* drover run ${runId} report */\n${compile(query.toOperationNode())}`, [runId])
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}

function columnsOf(mappings: readonly MappingPlan[], row: Row): readonly string[] {
  const guards = mappings.find(({ name }) => name === row.mapping)?.guards ?? []
  const columns = guards.filter(({ code, outcome }) => outcome === 'quarantine' && code === row.code)
  return [...new Set(columns.map(({ column }) => column))]
}
