import type { Command } from 'commander'
import type { Queryable } from '../../db/connection.ts'
import { requireLedger } from '../../ledger/install.ts'
import { findRun, type RunSummary, readRecentRuns } from '../../ledger/run.ts'
import { readTallies, type Tally } from '../../ledger/tally.ts'
import { renderInstant } from '../../report/figures.ts'
import { isoInstantOrNull } from '../../report/instant.ts'
import { renderBalance } from '../balance.ts'
import { type DatabaseFlags, databaseOption, openNamed } from '../database.ts'
import { runNumber } from '../flags.ts'
import type { Io } from '../io.ts'
import { renderJsonValue, writeResult } from '../result.ts'
import { renderSteps } from '../steps.ts'
import { renderTable } from '../table.ts'

interface StatusFlags extends DatabaseFlags {
  readonly run?: string
  readonly json?: true
}

/** How many runs are listed. */
const listedRuns = 10

interface RunStatus extends RunSummary {
  readonly mappings: readonly Tally[]
}

/** `drover status`: the runs of the ledger. */
export function defineStatus(command: Command, io: Io): void {
  command
    .description(
      `Shows the newest ${listedRuns} runs, how far each mapping of the newest is, and where its rows went; with --run those of one run. Reads the ledger alone.`,
    )
    .addOption(databaseOption())
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
        const runs = await db.transaction((tx) => readStatus(tx, flags.run), { readOnly: true })
        await writeResult(io, flags.json ? renderJsonValue({ runs }) : renderStatus(runs), undefined)
      } finally {
        await db.close()
      }
    })
}

async function readStatus(tx: Queryable, id: string | undefined): Promise<readonly RunStatus[]> {
  await requireLedger(tx)
  const runs = id === undefined ? await readRecentRuns(tx, listedRuns) : [summaryOf(await findRun(tx, id))]
  const statuses: RunStatus[] = []
  for (const run of runs) {
    const mappings = await readTallies(tx, run.id)
    statuses.push({ ...run, mappings })
  }
  return statuses
}

function summaryOf({ plan: _, settings: __, ...run }: Awaited<ReturnType<typeof findRun>>): RunSummary {
  return run
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
      run.state,
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
  ].join('\n')
}
