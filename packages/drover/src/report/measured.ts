import type { Queryable } from '../db/connection.ts'
import { readTallies } from '../ledger/tally.ts'
import { type Disposition, dispositions } from '../plan/disposition.ts'
import type { Outcome } from '../sql/annotation.ts'
import type { CountedRows, Measured } from './compare.ts'
import { readKeptParts } from './kept.ts'
import type { ColumnGroup, QuarantineGroup, ReportMapping } from './report.ts'

/** The parts of a report that count rows. */
export interface MeasuredParts {
  readonly mappings: readonly ReportMapping[]
  readonly quarantine: readonly QuarantineGroup[]
  readonly corrections: readonly ColumnGroup[]
  readonly notes: readonly ColumnGroup[]
}

/** What a run did, by its report. */
export function measuredOf({ mappings, ...codes }: MeasuredParts): Measured {
  return {
    mappings: mappings.map(({ name, state }) => ({ name, isDone: state === 'done' })),
    counts: [...mappings.flatMap((mapping) => dispositionsOf(mapping.name, mapping)), ...codesOf(codes)],
  }
}

function codesOf({ quarantine, corrections, notes }: Omit<MeasuredParts, 'mappings'>): readonly CountedRows[] {
  const logged = (outcome: Outcome, groups: readonly ColumnGroup[]) =>
    groups.map(({ mapping, column, code, rows }) => counted({ mapping, what: code, outcome, column }, rows))
  return [
    ...quarantine.map(({ mapping, code, rows }) =>
      counted({ mapping, what: code, outcome: 'quarantine', column: null }, rows),
    ),
    ...logged('correct', corrections),
    ...logged('note', notes),
  ]
}

/** The same of another run, by the ledger. */
export async function readMeasured(tx: Queryable, runId: string): Promise<Measured> {
  const tallies = await readTallies(tx, runId)
  const kept = await readKeptParts(tx, runId)
  return {
    mappings: tallies.map(({ mapping, state }) => ({ name: mapping, isDone: state === 'done' })),
    counts: [
      ...tallies.flatMap((tally) => dispositionsOf(tally.mapping, tally)),
      ...(kept === undefined ? await readCodes(tx, runId) : codesOf(kept)),
    ],
  }
}

async function readCodes(tx: Queryable, runId: string): Promise<readonly CountedRows[]> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
select 'quarantine' as outcome, mapping, null as column_name, code, count(*) as rows
from drover.quarantine
where run_id = $1
group by mapping, code
union all
select 'correct', mapping, column_name, code, count(source_key)
from drover.correction
where run_id = $1
group by mapping, column_name, code
union all
select 'note', mapping, column_name, code, nullif(count(source_key), 0)
from drover.note
where run_id = $1
group by mapping, column_name, code`,
    [runId],
  )
  return rows.map((row) =>
    counted(
      {
        mapping: row.mapping as string,
        what: row.code as string,
        outcome: row.outcome as Outcome,
        column: row.column_name as string | null,
      },
      row.rows as string | null,
    ),
  )
}

function dispositionsOf(mapping: string, rows: Readonly<Record<Disposition, string | bigint>>): readonly CountedRows[] {
  return dispositions.map((what) => counted({ mapping, what, outcome: null, column: null }, rows[what]))
}

function counted(named: Omit<CountedRows, 'rows'>, rows: string | bigint | null): CountedRows {
  return { ...named, rows: rows === null ? null : { least: BigInt(rows), most: BigInt(rows) } }
}
