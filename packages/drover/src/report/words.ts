import type { ServerLimits } from '../monitor/limits.ts'
import type { Outcome } from '../sql/annotation.ts'
import type { RecordedOrphans } from './data-quality.ts'

/** What a code brings about, in words. */
export const outcomeWords = {
  quarantine: 'set aside',
  correct: 'corrected',
  note: 'noted',
} as const satisfies Readonly<Record<Outcome, string>>

/** Who says that a column refers to a row. */
export const declarerWords: Readonly<Record<RecordedOrphans['kind'], string>> = {
  'foreign-key': 'source',
  reference: 'mapping',
  guessed: 'nobody: its name says so',
}

/** Why a limit held a run back. */
export const limitWords: Readonly<Record<keyof ServerLimits, string>> = {
  replicationLagSeconds: 'a replica was too far behind',
  blockedSessions: 'sessions of others waited for locks of the run',
  activeSessions: 'others had too many sessions at work',
  walBytesPerSecond: 'the server wrote too much log a second',
  databaseBytes: 'the database grew too large',
  chunkMs: 'chunks took too long',
}

/** What an event holds beside its name: `verdict pass, mappings 3`. */
export function renderDetail(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
}
