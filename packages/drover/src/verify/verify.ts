import type { Database } from '../db/connection.ts'
import type { ProbeFunction } from '../define/probe.ts'
import { recoverPrepared } from '../ledger/prepared.ts'
import { beginVerification } from '../ledger/verification.ts'
import { carryOutParts } from './carry-out.ts'
import { writeFindings } from './findings.ts'
import { partsOf } from './parts.ts'
import { cutIntoSlices } from './slices.ts'
import { readSubjects } from './subjects.ts'
import { overallVerdict, type Verification } from './verification.ts'

/** How questions are asked, and what is looked at. */
export interface VerifyOptions {
  /** How long a statement may take, in milliseconds. Default 0: as long as it needs. */
  readonly statementTimeoutMs?: number
  /** How many questions are asked at the same time, each on a connection of its own. Default 2. */
  readonly workers?: number
  /** The application has written to the target since the load: what it changed, added or deleted warns. Default false. */
  readonly afterCutover?: boolean
  /** A slice of a mapping is compared on its own, and has at most so many rows. Default 5,000,000. */
  readonly rowsPerSlice?: number
  /** How long to wait before rows that differ are looked at once more, in milliseconds. Default 1,000. */
  readonly recheckAfterMs?: number
  /** Try the writes that the migration says must not succeed, in transactions that are rolled back. Default false. */
  readonly triesWrites?: boolean
  /** Begin anew, also where an earlier verification was interrupted. Default false: that one goes on. */
  readonly restart?: boolean
  /** The functions of the migration file that ask with the application's own client. Default none: they are not run. */
  readonly probes?: ReadonlyMap<string, ProbeFunction>
  /** The connection string that those functions are given. */
  readonly url?: string
  /** Stops the verification; what was checked so far is kept. */
  readonly signal?: AbortSignal
  /** Told at the beginning and after each part. */
  readonly onProgress?: (progress: VerificationProgress) => void
}

/** How far a verification is. */
export interface VerificationProgress {
  readonly parts: number
  readonly done: number
  /** Parts that an earlier, interrupted verification had done. */
  readonly taken: number
  /** The part that was done last; undefined at the beginning. */
  readonly part: string | undefined
}

/**
 * Checks a loaded run against the database as it is now, on all rows, and writes the findings into the ledger in place
 * of earlier ones. Checks are queries in read-only transactions (I5), two at a time; what each finds is written apart, so
 * that a verification which is interrupted goes on where it stopped.
 *
 * @throws DroverError `ledger-missing`, `run-missing`, `state-refused`, or `statement-failed` where the server refuses
 * a check for another reason than a table that is gone; `interrupted` where the signal is aborted.
 */
export async function verify(db: Database, runId: string, options: VerifyOptions = {}): Promise<Verification> {
  const subjects = await db.transaction((tx) => readSubjects(tx, runId), { readOnly: true, statementTimeoutMs: 0 })
  await recoverPrepared(db, subjects.run.plan)
  const { afterCutover = false, triesWrites = false, restart = false, rowsPerSlice = 5_000_000 } = options
  const parts = await cutIntoSlices(db, partsOf(subjects), { rowsPerSlice, workers: options.workers ?? 2 })
  const probes = [...(options.probes?.keys() ?? [])].sort()
  const begun = await db.transaction((tx) =>
    beginVerification(
      tx,
      runId,
      { afterCutover, triesWrites, rowsPerSlice, probes },
      { restart, afterEvent: subjects.lastEvent },
    ),
  )
  const found = await carryOutParts(db, subjects.run, parts, begun, options)
  // They are kept in a table of their own: a finding is what is read of it later.
  const fingerprints = found.flatMap(({ fingerprint }) => fingerprint ?? [])
  const findings = found.map(({ fingerprint, ...finding }) => finding)
  const verification: Verification = {
    runId,
    verdict: overallVerdict(findings),
    findings,
    notChecked: findings.filter(({ verdict }) => verdict === 'not run').map(({ detail }) => detail),
  }
  await db.transaction((tx) => writeFindings(tx, begun.id, verification, fingerprints))
  return verification
}
