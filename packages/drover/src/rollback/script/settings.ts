import { openTransaction } from '../../db/session.ts'
import type { Decisions } from '../../ledger/rollback.ts'
import { applicationName, workerSettings } from '../../run/worker.ts'
import { comment, literal } from './plpgsql.ts'

/** The worker that the ledger and pg_stat_activity name. */
export const scriptWorker = 'reversal-script'

/** How long a statement waits for a lock, in milliseconds. */
const lockTimeoutMs = 30_000

/** The place at the top that may be changed. */
export function switches(onConflict: Decisions, fires: 'fire' | 'refuse'): string {
  return [
    comment('>>> This may be changed.'),
    '--',
    comment(
      `What becomes of rows that others have changed or added since the run: keep or discard, by table; * stands for all that are not named, as in '{"*": "discard", "public.visits": "keep"}'. Kept rows stay, and so does all that they refer to. Discarded rows go into drover.discarded_row. '{}': nothing is touched where there are such rows; they are listed.`,
    ),
    `set drover.on_conflict = ${literal(JSON.stringify(onConflict))};`,
    '--',
    comment(
      `Whether triggers of the application may fire where the role can neither act as a replica nor switch them off: 'on' or 'off'.`,
    ),
    `set drover.allow_triggers = ${literal(fires === 'fire' ? 'on' : 'off')};`,
    '--',
    comment('<<< This may be changed.'),
    '',
    comment('Each transaction sets what it needs for itself; but how long a statement may take counts from its start.'),
    `set statement_timeout = 0;`,
    `set search_path = 'pg_catalog', 'pg_temp';`,
  ].join('\n')
}

/** Opens a transaction, with the settings under which drover works. */
export function opening(runId: string): string {
  return `begin;\n${pinning(runId)}`
}

/** The settings alone, for a transaction that is open. */
export function pinning(runId: string, indent = ''): string {
  const opened = openTransaction({
    statementTimeoutMs: 0,
    lockTimeoutMs,
    idleTimeoutMs: 0,
    settings: { application_name: applicationName(runId, scriptWorker), ...workerSettings },
  })
  const [, ...settings] = opened.split('; ')
  return settings.map((each) => `${indent}${each.replace(/;$/, '')};`).join('\n')
}
