import { sql } from 'kysely'
import type { Database, Transaction } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { stateRefused } from '../ledger/refused-state.ts'
import { findRun, recordEvent } from '../ledger/run.ts'
import type { RunState } from '../ledger/state.ts'
import { findQuarantined, requireMapping } from './named-rows.ts'
import { isSelected, namesAnything, repairStatement } from './selected.ts'
import type { Selection } from './selection.ts'

/** States in which nobody can decide about rows any more, or in which somebody else does. */
const closedStates: readonly RunState[] = ['repairing', 'finalized', 'rolling_back', 'rolled_back']

/** The decision that rows stay out. */
export interface Decision {
  readonly why: string
  /** Who decides, where that is not the role that is connected. */
  readonly by?: string
}

/** How many rows of a mapping changed, as bigint. */
export interface MappingCount {
  readonly mapping: string
  readonly rows: bigint
}

/**
 * Accepts that quarantined rows stay out, or takes that back (`decision` null). Data and counts stay as they are: it is
 * written beside the rows, and into the audit log. Rows that are accepted already keep their reason.
 *
 * @throws DroverError `usage-invalid` without a reason, `selection-empty` where nothing is selected or nothing would
 * change, `row-missing`, `key-ambiguous`, `state-refused` where the run is over, or being repaired.
 */
export async function acceptRows(
  db: Database,
  runId: string,
  selection: Selection,
  decision: Decision | null,
): Promise<readonly MappingCount[]> {
  if (!namesAnything(selection)) {
    throw new DroverError('selection-empty', 'No row is named.', {
      remedy: 'Name what is meant: a mapping, a code, or keys; drover quarantine list shows them.',
    })
  }
  const why = decision?.why.trim()
  if (why === '') {
    throw new DroverError('usage-invalid', 'The reason is missing.', {
      remedy: 'Say why these rows stay out, such as "test data of 2019".',
    })
  }
  const decided = decision && { ...decision, why: why! }
  return db.transaction((tx) => decide(tx, runId, selection, decided), { name: `run ${runId} quarantine accept` })
}

async function decide(
  tx: Transaction,
  runId: string,
  selection: Selection,
  decision: Decision | null,
): Promise<readonly MappingCount[]> {
  // Holds off whoever changes the state of the run, and other decisions; those who load chunks are not waited for.
  await tx.query('select from drover.run where id = $1 for no key update', [runId])
  const run = await findRun(tx, runId)
  if (closedStates.includes(run.state)) throw stateRefused(run, ': its rows cannot be decided about now')
  const { keys } = selection
  if (keys === undefined) requireMapping(run, selection.mapping)
  else await findQuarantined(tx, run, { ...selection, keys })
  const by =
    decision?.by === undefined ? sql`session_user` : sql`${sql.lit(decision.by)} || ' (' || session_user || ')'`
  const set = decision
    ? sql`accepted_at = clock_timestamp(), accepted_by = ${by}, accepted_why = ${sql.lit(decision.why)}`
    : sql`accepted_at = null, accepted_by = null, accepted_why = null`
  const isOther = sql`(quarantine.accepted_at is ${decision ? sql`` : sql`not `}null)`
  const query = sql`with decided as (
  update drover.quarantine
  set ${set}
  where ${isSelected(runId, selection)} and ${isOther}
  returning mapping
)
select mapping, count(*) as n
from decided
group by mapping
order by mapping collate "C"`
  const rows = await tx.query(repairStatement(runId, 'quarantine accept', query))
  const counts = rows.map((row) => ({ mapping: row.mapping as string, rows: BigInt(row.n as string) }))
  if (counts.length === 0) throw await refusedSelection(tx, runId, selection, decision)
  await recordEvent(tx, runId, decision ? 'rows accepted' : 'acceptance taken back', {
    ...decision,
    selection,
    rows: Object.fromEntries(counts.map((count) => [count.mapping, String(count.rows)])),
  })
  return counts
}

async function refusedSelection(
  tx: Transaction,
  runId: string,
  selection: Selection,
  decision: Decision | null,
): Promise<DroverError> {
  const query = sql`select count(*) as n from drover.quarantine where ${isSelected(runId, selection)}`
  const [row] = await tx.query(repairStatement(runId, 'quarantine accept', query))
  const known = decision ? 'accepted already' : 'not accepted'
  return new DroverError(
    'selection-empty',
    row?.n === '0' ? `Run ${runId} has no such quarantined row.` : `All rows that are meant are ${known}: ${row?.n}.`,
    { remedy: `See them: drover quarantine list --run ${runId}.` },
  )
}
