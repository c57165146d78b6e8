import type { Queryable, Row } from '../db/connection.ts'
import type { AccessPlan } from '../plan/declared-plan.ts'
import { type ActingSubject, type Actor, askAsEach } from './acting.ts'
import { declaredStatement } from './declared.ts'

/** The key of a row that someone sees and is not his, or the reverse. */
export interface Stray {
  readonly key: string | null
  readonly isSeen: boolean
}

/** Keys that are fetched at a time: what is seen and what is his are asked as two roles, and cannot be joined. */
const keysPerPage = 20_000

/** The lowest keys by which what an actor sees differs from what is his, `limit` at most. */
export async function readStrays(
  tx: Queryable,
  subject: ActingSubject<AccessPlan>,
  actor: Actor,
  limit: number,
  signal: AbortSignal,
): Promise<readonly Stray[]> {
  const { strayKeys, visibleKeys } = subject.declared
  const readPage = async (after: string | null, keys: number): Promise<readonly Row[]> => {
    const read = (rows: readonly Row[]) => rows
    const [page] = await askAsEach(tx, subject, [actor], {
      statement: visibleKeys,
      values: [after, keys],
      read,
      signal,
    })
    return page !== undefined && 'did' in page ? page.did : []
  }
  if (strayKeys === null) return (await readPage(null, limit)).map(({ key }) => ({ key: key as string, isSeen: true }))
  const strays: Stray[] = []
  let after: string | null = null
  do {
    const page = await readPage(after, keysPerPage)
    const through = page.length < keysPerPage ? null : (page.at(-1)!.key as string | null)
    const rows = await tx.query(declaredStatement(subject, strayKeys), [
      actor.key,
      page.map(({ key }) => key),
      page.map(({ n }) => n),
      after,
      through,
      limit - strays.length,
    ])
    strays.push(...rows.map(({ key, is_seen: isSeen }) => ({ key: key as string, isSeen: isSeen as boolean })))
    after = through
  } while (after !== null && strays.length < limit)
  return strays
}
