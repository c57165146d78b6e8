import type { Queryable } from '../db/connection.ts'

/** Checks whose findings name objects and counts alone. Of all others a complaint may name rows. */
const namesNoRow = [
  'frozen source',
  'conservation',
  'dispositions',
  'columns',
  'indexes',
  'triggers',
  'row security',
  'sequences',
  'fingerprint',
]

/** Takes keys out of what stays of a run: verdicts, and who did what when. */
export async function scrub(tx: Queryable, runId: string): Promise<void> {
  await tx.query(
    `update drover.finding
set sample = '[]', query = null, detail = 'What it found named rows by their keys, which were purged.'
where run_id = $1 and (jsonb_array_length(sample) > 0 or verdict in ('warn', 'fail') and check_name <> all ($2))`,
    [runId, namesNoRow],
  )
  await tx.query(
    `update drover.event
set detail = (
  case when detail ->> 'where' ~ '\\mkeys?\\M' then detail - 'where' else detail end - 'key'
) #- '{selection,keys}'
where run_id = $1 and (
  detail ? 'key' or detail #> '{selection,keys}' is not null or detail ->> 'where' ~ '\\mkeys?\\M'
)`,
    [runId],
  )
}
