import type { Queryable } from '../db/connection.ts'

/** Serialises landings into one database: an arbitrary constant, the ASCII codes of "land". */
const landingLock = 0x6c616e64

/** Takes the right to land until the transaction ends; false where another process has it. */
export async function takeLandingLease(tx: Queryable): Promise<boolean> {
  const [row] = await tx.query('select pg_try_advisory_xact_lock($1) as taken', [landingLock])
  return row!.taken as boolean
}

/** Begins a generation: what is read under one snapshot. Returns its number. */
export async function beginGeneration(
  tx: Queryable,
  { source, frozen }: { readonly source: string; readonly frozen: boolean },
): Promise<string> {
  const [row] = await tx.query(
    'insert into drover.landing_generation (source, frozen) values ($1, $2) returning id::text as id',
    [source, frozen],
  )
  return row!.id as string
}

/** Whether no later generation has begun: nothing may be written under an earlier one. */
export async function isNewestGeneration(tx: Queryable, generation: string): Promise<boolean> {
  const rows = await tx.query('select from drover.landing_generation where id > $1 limit 1', [generation])
  return rows.length === 0
}
