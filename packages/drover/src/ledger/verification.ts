import type { Queryable } from '../db/connection.ts'

/** What was asked for: two verifications that were asked otherwise do not go on from each other. */
export interface VerificationOptions {
  readonly afterCutover: boolean
  readonly triesWrites: boolean
  readonly rowsPerSlice: number
}

/** A verification that is under way, with the findings of the parts that are done, by their names. */
export interface BegunVerification {
  readonly id: string
  readonly done: ReadonlyMap<string, readonly unknown[]>
}

/**
 * Begins a verification, or goes on with the last one where that was interrupted, was asked the same, and nothing was done
 * to the run since.
 */
export async function beginVerification(
  tx: Queryable,
  runId: string,
  options: VerificationOptions,
  { restart }: { readonly restart: boolean },
): Promise<BegunVerification> {
  const [open] = await tx.query(
    `select id
from drover.verification
where run_id = $1 and finished_at is null and options = $2::jsonb and not $3
  and after_event is not distinct from (select max(id) from drover.event where run_id = $1)
  and id = (select max(id) from drover.verification where run_id = $1)`,
    [runId, JSON.stringify(options), restart],
  )
  if (open === undefined) {
    const [begun] = await tx.query(
      `insert into drover.verification (run_id, options, after_event)
select $1, $2, max(id) from drover.event where run_id = $1
returning id`,
      [runId, JSON.stringify(options)],
    )
    return { id: begun!.id as string, done: new Map() }
  }
  const parts = await tx.query('select part, findings from drover.verification_part where verification_id = $1', [
    open.id,
  ])
  return {
    id: open.id as string,
    done: new Map(parts.map(({ part, findings }) => [part as string, findings as readonly unknown[]])),
  }
}

/** Keeps what a part of a verification found. */
export async function recordPart(
  tx: Queryable,
  verificationId: string,
  part: string,
  startedAt: Date,
  findings: readonly unknown[],
): Promise<void> {
  await tx.query(
    `insert into drover.verification_part (verification_id, part, findings, started_at)
values ($1, $2, $3, $4)
on conflict (verification_id, part) do nothing`,
    [verificationId, part, JSON.stringify(findings), startedAt.toISOString()],
  )
}

/** Ends a verification: its parts have become findings. */
export async function endVerification(tx: Queryable, verificationId: string, verdict: string): Promise<void> {
  await tx.query('update drover.verification set finished_at = clock_timestamp(), verdict = $2 where id = $1', [
    verificationId,
    verdict,
  ])
}
