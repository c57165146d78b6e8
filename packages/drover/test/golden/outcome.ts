import type { MappingPlan, Plan } from '../../src/plan/plan.ts'
import { ledgerTables } from '../../src/plan/plan.ts'
import type { TestDatabase } from '../support/postgres.ts'
import type { GoldenCase } from './case.ts'
import { printRelation } from './rows.ts'
import { printCell } from './table-text.ts'

/** What the ledger says became of every source row, a line each, with all that was logged about it below. */
export async function printOutcome(database: TestDatabase, plan: Plan, { unstable }: GoldenCase): Promise<string> {
  const parts: string[] = []
  for (const mapping of plan.mappings) {
    const keys = await printKeys(database, mapping, unstable)
    parts.push(`${mapping.name}: ${await printSums(database, mapping)}\n${keys === '' ? '' : `\n${keys}`}`)
    if (mapping.totals !== null) parts.push(await printTotals(database, mapping))
    if (mapping.statements.createImages !== null) {
      const { schema, name } = ledgerTables.images(mapping.name)
      parts.push(
        `${mapping.target} as it was\n\n${await printRelation(database, mapping.target, unstable, `${schema}.${name}`)}`,
      )
    }
  }
  return parts.join('\n')
}

const dispositions = ['loaded', 'merged', 'matched', 'quarantined', 'excluded'] as const

async function printSums(database: TestDatabase, { name }: MappingPlan): Promise<string> {
  const [sums] = await database.query<Record<string, string>>(
    `select sum(read) as read, ${dispositions.map((disposition) => `sum(${disposition}) as ${disposition}`).join(', ')}
    from drover.chunk where mapping = $1`,
    [name],
  )
  const some = dispositions.filter((disposition) => sums![disposition] !== '0')
  return [`${sums!.read} read`, ...some.map((disposition) => `${sums![disposition]} ${disposition}`)].join(', ')
}

/** Why a row was set aside: a guard of a column or, with a constraint, the server. */
interface Reason {
  readonly code: string
  readonly column: string | null
  readonly constraint?: string | null
}

/** The control totals: of the source before, then by what became of its rows, and by group. */
async function printTotals(database: TestDatabase, { name: mapping }: MappingPlan): Promise<string> {
  const rows = await database.query<Record<string, string | null>>(
    `select name, coalesce(disposition, stage) as what, array_to_string(group_key, ', ', 'null') as of, rows, source_sum, target_sum
    from drover.control_total
    where mapping = $1
    order by name, stage, array_position($2::text[], disposition), group_key`,
    [mapping, dispositions],
  )
  const lines = rows.map(
    ({ name, what, of, rows, source_sum, target_sum }) =>
      `${name}, ${what}${of ? ` (${of})` : ''}: ${rows} rows, source ${source_sum}${target_sum === null ? '' : `, target ${target_sum}`}\n`,
  )
  return `control totals of ${mapping}\n\n${lines.join('')}`
}

interface KeyRow {
  readonly source_key: string
  readonly disposition: string
  readonly target: readonly (string | null)[]
  readonly survivor_key: string | null
  readonly reasons: readonly Reason[] | null
  readonly is_accepted: boolean | null
  readonly original: string | null
}

async function printKeys(database: TestDatabase, mapping: MappingPlan, unstable: readonly string[]): Promise<string> {
  const { schema, name } = ledgerTables.crosswalk(mapping.name)
  const target = mapping.targetKey.map((column) =>
    unstable.includes(`${mapping.target}.${column}`) ? `'~'` : `crosswalk."${column.replaceAll('"', '""')}"::text`,
  )
  const rows = await database.query<KeyRow & Record<string, unknown>>(
    `select crosswalk.source_key, crosswalk.disposition, array[${target.join(', ')}] as target, merge.survivor_key,
      -- The first reason is the one that counts.
      case when quarantine.code = quarantine.reasons -> 0 ->> 'code' then quarantine.reasons end as reasons,
      quarantine.accepted_at is not null as is_accepted,
      quarantine.original::text as original
    from ${schema}."${name}" as crosswalk
    left join drover.merge on merge.mapping = $1 and merge.source_key = crosswalk.source_key
    left join drover.quarantine on quarantine.mapping = $1 and quarantine.source_key = crosswalk.source_key
    order by crosswalk.source_key`,
    [mapping.name],
  )
  const logs = await readLogs(database, mapping.name)
  const lines = rows.flatMap((row) => [`${printCell(row.source_key)} ${printDisposition(row)}`, ...logsOf(row, logs)])
  return [...lines, ...(logs.get(null) ?? []).map((log) => `every row: ${log}`)].map((line) => `${line}\n`).join('')
}

function printDisposition({ disposition, target, survivor_key, reasons, is_accepted }: KeyRow): string {
  const key = target.map(printCell).join(', ')
  if (disposition === 'quarantined') {
    return `quarantined${is_accepted ? ' and accepted' : ''}: ${(reasons ?? []).map(printReason).join(', ')}`
  }
  if (disposition === 'merged') return `merged into ${printCell(survivor_key)} → ${key}`
  return disposition === 'excluded' ? disposition : `${disposition} → ${key}`
}

function printReason({ code, column, constraint }: Reason): string {
  const about = column ?? constraint ?? null
  return about === null ? code : `${code} (${about})`
}

function logsOf({ source_key, original }: KeyRow, logs: Logs): readonly string[] {
  return [...(original === null ? [] : [`original ${original}`]), ...(logs.get(source_key) ?? [])].map(
    (line) => `    ${line}`,
  )
}

/** Corrections and notes as lines, by source key; under null those that are logged once for all rows. */
type Logs = ReadonlyMap<string | null, readonly string[]>

async function readLogs(database: TestDatabase, mapping: string): Promise<Logs> {
  const rows = await database.query<{
    source_key: string | null
    column_name: string
    code: string
    was: string | null
    kind: string
  }>(
    `select source_key, column_name, code, original as was, 'corrected' as kind from drover.correction where mapping = $1
    union all
    select source_key, column_name, code, null, 'noted' from drover.note where mapping = $1
    order by column_name, kind, code, was`,
    [mapping],
  )
  const logs = new Map<string | null, string[]>()
  for (const { source_key, column_name, code, was, kind } of rows) {
    const line = `${column_name} ${kind} as ${code}${kind === 'noted' ? '' : `, was ${printCell(was)}`}`
    logs.set(source_key, [...(logs.get(source_key) ?? []), line])
  }
  return logs
}
