import type { Queryable } from '../db/connection.ts'

/** What was asked for: two verifications that were asked otherwise do not go on from each other. */
export interface VerificationRequest {
  readonly afterCutover: boolean
  readonly triesWrites: boolean
  readonly rowsPerSlice: number
  /** The probes that can be asked, by name. Default none. */
  readonly probes?: readonly string[]
}

/** The last thing that was done to a run, by its id; null where nothing was. */
export async function readLastEvent(tx: Queryable, runId: string): Promise<string | null> {
  const [row] = await tx.query('select max(id)::text as id from drover.event where run_id = $1', [runId])
  return row!.id as string | null
}

/** A verification that is under way, with the findings of the parts that are done, by their names. */
export interface BegunVerification {
  readonly id: string
  readonly done: ReadonlyMap<string, readonly unknown[]>
}

/**
 * Begins a verification, or goes on with the last one where that was interrupted within a day, was asked the same, and
 * nothing was done to the run since. What was found earlier says too little of the database as it is now: the ledger
 * does not know what others wrote meanwhile. `afterEvent`: the run's last event at the time when its subjects were read.
 */
export async function beginVerification(
  tx: Queryable,
  runId: string,
  options: VerificationRequest,
  { restart, afterEvent }: { readonly restart: boolean; readonly afterEvent: string | null },
): Promise<BegunVerification> {
  const [open] = await tx.query(
    `select id
from drover.verification
where run_id = $1 and finished_at is null and options = $2::jsonb and not $3
  and after_event is not distinct from $4::bigint
  and id = (select max(id) from drover.verification where run_id = $1)
  and coalesce(
    (select max(finished_at) from drover.verification_part where verification_id = verification.id), started_at
  ) > clock_timestamp() - interval '1 day'`,
    [runId, JSON.stringify(options), restart, afterEvent],
  )
  if (open === undefined) {
    const [begun] = await tx.query(
      `insert into drover.verification (run_id, options, after_event)
values ($1, $2, $3)
returning id`,
      [runId, JSON.stringify(options), afterEvent],
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

/** Keeps what a part of a verification found, and how long that took. The time of day is the server's. */
export async function recordPart(
  tx: Queryable,
  verificationId: string,
  part: string,
  tookMs: number,
  findings: readonly unknown[],
): Promise<void> {
  await tx.query(
    `insert into drover.verification_part (verification_id, part, findings, started_at)
values ($1, $2, $3, clock_timestamp() - make_interval(secs => $4::float8 / 1000))
on conflict (verification_id, part) do nothing`,
    [verificationId, part, JSON.stringify(findings), tookMs],
  )
}

/** What verifications note themselves: none of it changes what there is to verify. */
const ownEvents = ['run checked', 'run verified', 'run loaded']

/** Whether something was done to the run since the verification began, beside verifying it. */
export async function wasDisturbed(tx: Queryable, verificationId: string): Promise<boolean> {
  const [row] = await tx.query(
    `select exists (
  select from drover.event
  where event.run_id = verification.run_id and event.id > coalesce(after_event, 0) and what <> all ($2)
) as disturbed
from drover.verification
where verification.id = $1`,
    [verificationId, ownEvents],
  )
  return row!.disturbed as boolean
}

/**
 * Ends a verification: its parts have become findings. Where another process went on with the same one and has ended it,
 * this one gets an entry of its own. Returns the id of the entry.
 */
export async function endVerification(tx: Queryable, verificationId: string, verdict: string): Promise<string> {
  const [ended] = await tx.query(
    `update drover.verification
set finished_at = clock_timestamp(), verdict = $2
where id = $1 and finished_at is null
returning id`,
    [verificationId, verdict],
  )
  if (ended !== undefined) return ended.id as string
  const [own] = await tx.query(
    `insert into drover.verification (run_id, options, after_event, started_at, finished_at, verdict)
select run_id, options, after_event, started_at, clock_timestamp(), $2
from drover.verification
where id = $1
returning id`,
    [verificationId, verdict],
  )
  return own!.id as string
}
