// Placeholder with the names that the engine imports: replaced by whoever builds conflicts. Keep the signatures.
import type { Queryable } from '../../db/connection.ts'
import { DroverError } from '../../error.ts'
import type { Decisions } from '../../ledger/rollback.ts'
import type { Way } from '../way.ts'
import type { ConflictSummary } from './summary.ts'

export async function findConflicts(_tx: Queryable, _way: Way): Promise<void> {}

export async function decide(_tx: Queryable, _way: Way, _decisions: Decisions): Promise<void> {}

export async function readUndecided(_tx: Queryable, _runId: string): Promise<readonly ConflictSummary[]> {
  return []
}

export async function discardAdded(_tx: Queryable, _way: Way): Promise<void> {}

/** The error to throw. */
export function requireDecided(_runId: string, _conflicts: readonly ConflictSummary[]): DroverError {
  return new DroverError('rollback-conflicts', '')
}
