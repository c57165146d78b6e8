import type { Database, Queryable } from '../db/connection.ts'
import { requireLedger } from '../ledger/install.ts'
import { readResourceUse } from '../ledger/resources.ts'
import { findRun, type Run } from '../ledger/run.ts'
import { readTallies } from '../ledger/tally.ts'
import { readFindings } from '../verify/findings.ts'
import type { Finding } from '../verify/verification.ts'
import { buildMapping, buildRun } from './account.ts'
import { readComparison } from './comparison.ts'
import { readControlTotals } from './control-totals.ts'
import { readCourses } from './course.ts'
import { readDataQuality } from './data-quality.ts'
import { readEvidence } from './evidence.ts'
import { readColumnGroups, readMerges, readQuarantine } from './groups.ts'
import { readHazards } from './hazards.ts'
import { isoInstant } from './instant.ts'
import { readIssues } from './issues.ts'
import { readKeptParts } from './kept.ts'
import { readReportPurge } from './purge.ts'
import { readRebuilds } from './rebuilds.ts'
import { readReportRehearsal } from './rehearsal.ts'
import type { Report, ReportEvent, ReportHazard } from './report.ts'
import { readDecisions, readProcesses } from './resources.ts'
import { type ReportRollback, readReportRollback } from './rollback.ts'
import { sealReport } from './seal.ts'
import { shellWord } from './shell-word.ts'
import { readThroughput } from './throughput.ts'
import { buildVerdict } from './verdict.ts'

/**
 * Reads everything that the ledger knows of a run, in one snapshot and without writing (I5). No row of the source or the
 * target is read, and no value: keys only (I8), and of a run that was purged none. Queries that only a report asks stand
 * in this folder and not in the ledger's.
 *
 * @throws DroverError `ledger-missing` or `run-missing`.
 */
export async function readReport(db: Database, runId: string): Promise<Report> {
  return db.transaction((tx) => readParts(tx, runId), {
    readOnly: true,
    settings: { transaction_isolation: 'repeatable read' },
  })
}

async function readParts(tx: Queryable, id: string): Promise<Report> {
  await requireLedger(tx)
  const run = await findRun(tx, id)
  const { id: runId, plan } = run
  const reportRun = buildRun(run)
  const tallies = await readTallies(tx, runId)
  const mappings = tallies.map((tally) => buildMapping(run, tally))
  const kept = await readKeptParts(tx, runId)
  const quarantine = kept?.quarantine ?? (await readQuarantine(tx, run))
  const corrections = kept?.corrections ?? (await readColumnGroups(tx, runId, 'correction'))
  const notes = kept?.notes ?? (await readColumnGroups(tx, runId, 'note'))
  const purge = await readReportPurge(tx, runId)
  const findings = await readFindings(tx, runId)
  const rollback = await readReportRollback(tx, runId, kept)
  const hazards = await readHazards(tx, run)
  const controlTotals = await readControlTotals(tx, runId, plan.mappings, findings)
  const rebuilds = await readRebuilds(tx, runId)
  return sealReport({
    version: 1,
    verdict: buildVerdict({ run, mappings, quarantine, controlTotals, rebuilds, findings, rollback, purge }),
    run: reportRun,
    ...(purge === undefined ? {} : { purge }),
    mappings,
    courses: await readCourses(tx, runId, plan.mappings),
    throughput: await readThroughput(tx, runId),
    rebuilds,
    controlTotals,
    resources: await readResourceUse(tx, runId),
    processes: await readProcesses(tx, runId),
    decisions: await readDecisions(tx, runId),
    quarantine,
    corrections,
    notes,
    merges: kept?.merges ?? (await readMerges(tx, runId)),
    dataQuality: await readDataQuality(tx, run, {
      mappings: plan.mappings.map(({ name }) => name),
      quarantine,
      corrections,
      notes,
    }),
    rehearsal: await readReportRehearsal(tx, plan.hash),
    comparison: await readComparison(tx, run, { mappings, quarantine, corrections, notes, findings }),
    rollback,
    findings: findings.filter(({ verdict }) => verdict !== 'not run'),
    issues: await readIssues(tx, runId, kept),
    hazards,
    events: await readEvents(tx, runId),
    notChecked: notCheckedOf(findings),
    reproduce: commandsOf(run, hazards, rollback),
    evidence: await readEvidence(tx, reportRun),
  })
}

async function readEvents(tx: Queryable, runId: string): Promise<readonly ReportEvent[]> {
  const rows = await tx.query(
    `/* drover run ${runId} report */
select at, actor, what, detail
from drover.event
where run_id = $1
order by at, id`,
    [runId],
  )
  return rows.map((row) => ({
    at: isoInstant(row.at as string),
    actor: row.actor as string,
    what: row.what as string,
    detail: row.detail as ReportEvent['detail'],
  }))
}

function notCheckedOf(findings: readonly Finding[]): readonly string[] {
  if (findings.length === 0) return ['The run was not verified: nothing was checked but the sums that it keeps itself.']
  return findings.filter(({ verdict }) => verdict === 'not run').map(({ detail }) => detail)
}

/** The migration's file is not in the ledger: `migration.ts` stands for it. */
function commandsOf(
  { id, settings }: Run,
  hazards: readonly ReportHazard[],
  rollback: ReportRollback | null,
): readonly string[] {
  const allowed = new Set(hazards.map(({ name }) => name))
  return [
    'drover plan migration.ts',
    ...(allowed.has('unrehearsed') ? [] : ['drover rehearse migration.ts']),
    [
      'drover run migration.ts',
      ...(settings.chunkRows === null ? [] : [`--chunk-rows ${settings.chunkRows}`]),
      ...[...allowed].map((name) => `--allow ${name}`),
    ].join(' '),
    `drover verify --run ${id}`,
    ...(rollback === null ? [] : [rollbackCommand(id, rollback)]),
    `drover report --run ${id}`,
  ]
}

function rollbackCommand(id: string, { decisions }: ReportRollback): string {
  const flags = Object.entries(decisions).map(([table, decision]) =>
    table === '*' ? decision : `${table}=${decision}`,
  )
  return [`drover rollback --run ${id}`, ...flags.map((flag) => `--on-conflict ${shellWord(flag)}`)].join(' ')
}
