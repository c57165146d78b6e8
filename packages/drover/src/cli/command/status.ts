import type { Command } from 'commander'
import type { Database, Queryable } from '../../db/connection.ts'
import { type OffObjects, readOffObjects } from '../../ledger/altered-object.ts'
import { requireLedger } from '../../ledger/install.ts'
import { type ResourceUse, readResourceUse } from '../../ledger/resources.ts'
import { readRollback, type StoredRollback } from '../../ledger/rollback.ts'
import { type RollbackTally, readRollbackTallies } from '../../ledger/rollback-chunk.ts'
import { findRunSummary, type RunSummary, readRecentRuns } from '../../ledger/run.ts'
import { type RunState, stateWords } from '../../ledger/state.ts'
import { readTallies, type Tally } from '../../ledger/tally.ts'
import { type Activity, readActivity } from '../../monitor/activity.ts'
import { renderInstant } from '../../report/figures.ts'
import { isoInstant, isoInstantOrNull } from '../../report/instant.ts'
import { renderActivity } from '../activity-text.ts'
import { renderBalance, totalsOf } from '../balance.ts'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption, openNamed } from '../database.ts'
import { runNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { renderServerUse, renderUse } from '../resources-text.ts'
import { renderJsonValue, writeResult } from '../result.ts'
import { renderTallies, renderVerdict } from '../rollback-text.ts'
import { renderSteps } from '../steps.ts'
import { renderTable } from '../table.ts'
import { withIsoTimes } from '../took.ts'

interface StatusFlags extends DatabaseFlags {
  readonly run?: string
  readonly json?: true
}

/** How many runs are listed. */
const listedRuns = 10

interface RunStatus extends RunSummary {
  readonly mappings: readonly Tally[]
  /** What the run took of server and machine; null where no sample tells of it, and of all but the newest. */
  readonly resources: ResourceUse | null
  /** What the run does now; null of one that is over, and of all but the newest. */
  readonly activity: Activity | null
  /** What it has taken off its targets and not made again. */
  readonly off: readonly OffObjects[]
  /** How it is taken back, or was; null of all others, and of all but the newest. */
  readonly rollback: RollbackStatus | null
}

interface RollbackStatus extends Pick<StoredRollback, 'startedAt' | 'finishedAt' | 'verdict'> {
  readonly mappings: readonly RollbackTally[]
}

/** States of a run that has not come to its end. */
const statesUnderWay: readonly RunState[] = ['running', 'pausing', 'paused', 'cancelling', 'failed', 'rolling_back']

/** `drover status`: the runs of the ledger. */
export function defineStatus(command: Command, io: Io): void {
  command
    .description(
      `Shows the newest ${listedRuns} runs; of the newest, or of the one that --run names: how far each mapping is, where its rows went, who works on it, how fast, until when, and what it waits for. Reads the ledger and the server's sessions, and changes nothing.`,
    )
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--run <number>', 'the run to show (default: the newest)', runNumber)
    .option('--json', 'as JSON; counts are text')
    .addHelpText(
      'after',
      `
Examples:
  $ drover status
  $ drover status --run 7 --json`,
    )
    .action(async (flags: StatusFlags) => {
      const db = await openNamed(flags, io)
      try {
        const runs = await readStatus(db, flags.run)
        await writeResult(io, flags.json ? renderStatusJson(runs) : renderStatus(runs), undefined)
      } finally {
        await db.close()
      }
    })
}

async function readStatus(db: Database, id: string | undefined): Promise<readonly RunStatus[]> {
  const [newest, ...others] = await db.transaction((tx) => readRuns(tx, id), { readOnly: true })
  if (newest === undefined) return []
  const activity = statesUnderWay.includes(newest.state) ? await readActivity(db, newest) : null
  return db.transaction(
    async (tx) => {
      const resources = await readResourceUse(tx, newest.id)
      return [{ ...newest, activity, resources, rollback: await readRollbackStatus(tx, newest) }, ...others]
    },
    { readOnly: true },
  )
}

async function readRuns(tx: Queryable, id: string | undefined): Promise<readonly RunStatus[]> {
  await requireLedger(tx)
  const runs = id === undefined ? await readRecentRuns(tx, listedRuns) : [await findRunSummary(tx, id)]
  const statuses: RunStatus[] = []
  for (const run of runs) {
    const mappings = await readTallies(tx, run.id)
    statuses.push({
      ...run,
      mappings,
      resources: null,
      activity: null,
      off: await readOffObjects(tx, run.id),
      rollback: null,
    })
  }
  return statuses
}

async function readRollbackStatus(tx: Queryable, { id, state }: RunSummary): Promise<RollbackStatus | null> {
  if (state !== 'rolling_back' && state !== 'rolled_back') return null
  const stored = await readRollback(tx, id)
  if (stored === undefined) return null
  const { startedAt, finishedAt, verdict } = stored
  return { startedAt, finishedAt, verdict, mappings: await readRollbackTallies(tx, id) }
}

function renderStatusJson(runs: readonly RunStatus[]): string {
  return renderJsonValue({
    runs: runs.map((run) => ({
      ...withIsoTimes(run),
      createdAt: isoInstant(run.createdAt),
      mappings: run.mappings.map(withIsoTimes),
      rollback: run.rollback && withIsoTimes(run.rollback),
    })),
  })
}

function renderStatus(runs: readonly RunStatus[]): string {
  const newest = runs[0]
  if (newest === undefined) return 'The ledger holds no run.'
  const table = renderTable({
    columns: [
      { title: 'run', align: 'right' },
      { title: 'migration', align: 'left' },
      { title: 'state', align: 'left' },
      { title: 'plan', align: 'left' },
      { title: 'started', align: 'left' },
      { title: 'finished', align: 'left' },
      { title: 'by', align: 'left' },
    ],
    rows: runs.map((run) => [
      run.id,
      run.migration,
      stateWords(run.state),
      run.planHash.slice(0, 12),
      renderInstant(isoInstantOrNull(run.startedAt)),
      renderInstant(isoInstantOrNull(run.finishedAt)),
      run.startedBy,
    ]),
  })
  return [
    table,
    '',
    `Mappings of run ${newest.id}:`,
    renderSteps(newest.mappings),
    '',
    'Where their rows went:',
    renderBalance(newest.mappings),
    ...(totalsOf(newest.mappings).quarantined > 0n
      ? ['', `Why rows are quarantined: drover quarantine list --run ${newest.id}`]
      : []),
    ...(newest.resources === null
      ? []
      : ['', 'What it took:', renderUse(newest.resources), renderServerUse(newest.resources)]),
    ...renderOff(newest),
    ...(newest.rollback === null ? [] : ['', renderRollbackStatus(newest.id, newest.rollback)]),
    ...(newest.activity === null ? [] : ['', 'Now:', renderActivity(newest.activity, doing(newest.state))]),
  ].join('\n')
}

/** What is off, and what brings it back. */
function renderOff({ id, state, off }: RunStatus): readonly string[] {
  if (off.length === 0) return []
  const again =
    state === 'cancelled' || state === 'rolling_back'
      ? `drover rollback --run ${id} makes it again`
      : 'the run makes it again when the rows are in'
  return ['', `Off their tables; ${again}:`, ...off.map(({ table, names }) => `  ${table}: ${names.join(', ')}`)]
}

/** How far it is, or what it came to. */
function renderRollbackStatus(id: string, { startedAt, finishedAt, verdict, mappings }: RollbackStatus): string {
  if (verdict !== null) {
    return `${renderVerdict(id, verdict, `drover report --run ${id}`)} (${renderInstant(isoInstantOrNull(finishedAt))})`
  }
  const table = mappings.length === 0 ? 'It has nothing to take back.' : renderTallies(mappings)
  return `Taken back so far, since ${renderInstant(isoInstant(startedAt))}:\n${table}`
}

function doing(state: RunState): string {
  return state === 'rolling_back' ? 'takes rows back' : 'looks for work'
}
