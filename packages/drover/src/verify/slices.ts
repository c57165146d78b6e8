import type { Database } from '../db/connection.ts'
import { serverErrorOf } from '../db/server-error.ts'
import { type CheckContext, gone } from './check.ts'
import type { Part } from './parts.ts'
import type { Finding } from './verification.ts'

/** Puts slices in place of the parts whose subjects are large; they can go on by themselves, and at once. */
export async function cutIntoSlices(db: Database, parts: readonly Part[], sizes: SliceSizes): Promise<readonly Part[]> {
  const cut: Part[] = []
  for (const part of parts) cut.push(...(await slicesOf(db, part, sizes)))
  return cut
}

/** How large slices are. */
export interface SliceSizes {
  /** At most. */
  readonly rowsPerSlice: number
  /** A large subject gives each worker a slice. */
  readonly workers: number
}

/** To cut a subject of fewer rows costs more than a worker gains. */
const fewRows = 100_000

/** The rows of a slice, of a subject that has so many. */
export function rowsOfSlice(rows: bigint, { rowsPerSlice, workers }: SliceSizes): number {
  return Math.min(rowsPerSlice, Math.max(fewRows, Math.ceil(Number(rows) / workers)))
}

async function slicesOf(db: Database, whole: Part, sizes: SliceSizes): Promise<readonly Part[]> {
  const { check, subject, name } = whole
  if (check.slices === undefined) return [whole]
  const options = { readOnly: true, statementTimeoutMs: 0 }
  const slices = await db
    .transaction((tx) => check.slices!(tx, subject, sizes), options)
    .catch((thrown) => {
      // What is gone, the check itself finds, and says.
      if (!gone.has(serverErrorOf(thrown)?.sqlstate ?? '')) throw thrown
      return [subject]
    })
  if (slices.length === 1) return [whole]
  return slices.map((slice, i) => ({
    ...whole,
    name: `${name}, slice ${i + 1} of ${slices.length}`,
    subject: slice,
    whole,
  }))
}

/** The findings of all parts, in their order; those of the slices of one part as one account. */
export function combineSlices(
  parts: readonly Part[],
  found: ReadonlyMap<string, readonly Finding[]>,
  context: Pick<CheckContext, 'afterCutover'>,
): readonly Finding[] {
  const wholes = new Map<Part, (readonly Finding[])[]>()
  for (const part of parts) {
    const whole = part.whole ?? part
    wholes.set(whole, [...(wholes.get(whole) ?? []), found.get(part.name)!])
  }
  return [...wholes].flatMap(([{ check, subject }, ofSlices]) =>
    check.combine === undefined ? ofSlices.flat() : check.combine(subject, ofSlices, context),
  )
}
