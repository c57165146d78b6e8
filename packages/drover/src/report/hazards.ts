import type { Queryable } from '../db/connection.ts'
import { findRehearsal } from '../ledger/rehearsal.ts'
import type { Run } from '../ledger/run.ts'
import type { ReportHazard } from './report.ts'

/** What was allowed by name and was there: hazards of the plan, and that it was not rehearsed when the run was created. */
export async function readHazards(
  tx: Queryable,
  { plan, settings, createdAt }: Pick<Run, 'plan' | 'settings' | 'createdAt'>,
): Promise<readonly ReportHazard[]> {
  const allowed = plan.hazards
    .filter(({ name }) => settings.allowed.includes(name))
    .map(({ name, mapping, why }) => ({ name, mapping, why }))
  if (!settings.allowed.includes('unrehearsed')) return allowed
  const rehearsal = await findRehearsal(tx, plan.hash, { before: createdAt })
  if (rehearsal?.verdict === 'pass') return allowed
  const why =
    rehearsal === undefined
      ? 'Nobody had seen this plan carried out and taken back: it was not rehearsed before.'
      : 'The last rehearsal before the run has failed.'
  return [...allowed, { name: 'unrehearsed', mapping: null, why }]
}
