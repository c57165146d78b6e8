import type { Queryable } from '../db/connection.ts'
import { mayRead } from './readable.ts'

/** What a rehearsal of a plan showed. */
export interface StoredRehearsal {
  /** An int8, as text. */
  readonly id: string
  readonly planHash: string
  readonly rehearsedAt: string
  readonly rehearsedBy: string
  readonly verdict: 'pass' | 'fail'
  /** A JSON value with a version of its own. Counts and figures, no keys and no values. */
  readonly result: unknown
}

/** Keeps the result of a rehearsal, and returns its number. */
export async function recordRehearsal(
  tx: Queryable,
  {
    migration,
    planHash,
    verdict,
    result,
  }: Pick<StoredRehearsal, 'planHash' | 'verdict' | 'result'> & {
    readonly migration: string
  },
): Promise<string> {
  const [row] = await tx.query(
    `insert into drover.rehearsal (migration, plan_hash, verdict, result) values ($1, $2, $3, $4) returning id`,
    [migration, planHash, verdict, JSON.stringify(result)],
  )
  return row!.id as string
}

/** Which rehearsals are looked at. */
export interface RehearsalSearch {
  /** An instant; later rehearsals are not looked at. Default: none is too late. */
  readonly before?: string
}

/** The last rehearsal of a plan; undefined where there was none. */
export async function readRehearsal(
  tx: Queryable,
  planHash: string,
  { before }: RehearsalSearch = {},
): Promise<StoredRehearsal | undefined> {
  const [row] = await tx.query(
    `select id, plan_hash, rehearsed_at, rehearsed_by, verdict, result
from drover.rehearsal
where plan_hash = $1 and rehearsed_at <= coalesce($2::timestamptz, 'infinity')
order by id desc
limit 1`,
    [planHash, before ?? null],
  )
  if (row === undefined) return undefined
  return {
    id: row.id as string,
    planHash: row.plan_hash as string,
    rehearsedAt: row.rehearsed_at as string,
    rehearsedBy: row.rehearsed_by as string,
    verdict: row.verdict as StoredRehearsal['verdict'],
    result: row.result,
  }
}

/** The same where there may be no ledger, or an older one, or one that this role may not read. */
export async function findRehearsal(
  tx: Queryable,
  planHash: string,
  search: RehearsalSearch = {},
): Promise<StoredRehearsal | undefined> {
  return (await mayRead(tx, ['rehearsal'])) ? readRehearsal(tx, planHash, search) : undefined
}
