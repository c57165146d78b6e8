import { qualifiedName } from '../catalog/catalog.ts'
import type { Queryable, Transaction } from '../db/connection.ts'
import { pipeCopy } from '../db/pipe.ts'
import { retrying } from '../db/retry.ts'
import { asDroverError, serverErrorOf } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { finishLandingChunk, type LandingChunk, lockLandingChunk } from '../ledger/landing-chunk.ts'
import { isNewestGeneration } from '../ledger/landing-generation.ts'
import type { Ends } from './ends.ts'
import { landingSettings, type snapshotLost, underSnapshot } from './snapshot.ts'
import { copyInStatement, copyOutStatement } from './statements.ts'
import type { LandingTable } from './table.ts'

/**
 * Carries chunks over and marks them done, in one transaction of the target (I1, I3): rows that are there without their
 * mark, or a mark without its rows, cannot be. Returns how many rows each of them brought.
 *
 * @throws DroverError `landing-differs` where the servers count otherwise, `landing-busy`, or what a server says.
 */
export async function landChunks(
  { source, target, snapshot, generation, limits }: Ends,
  table: LandingTable,
  chunks: readonly [LandingChunk, ...LandingChunk[]],
): Promise<readonly number[] | typeof snapshotLost> {
  const [{ landing, number }] = chunks
  const carry = async (from: Transaction, to: Transaction): Promise<readonly number[]> => {
    const rows: number[] = []
    for (const chunk of chunks) {
      const { sent, written } = await pipeCopy(
        { tx: from, copy: copyOutStatement(table, chunk) },
        { tx: to, copy: copyInStatement(table) },
      )
      if (sent !== written) throw miscounted(table, sent, written)
      await finishLandingChunk(to, chunk, { generation, rows: written })
      rows.push(written)
    }
    return rows
  }
  const land = () =>
    target.transaction(
      async (to) => {
        const known: number[] = []
        for (const chunk of chunks) known.push(...(await lockLandingChunk(to, chunk)))
        // A commit of which nobody knew whether it had taken place: of all of them, or of none.
        if (known.length > 0) return known
        await requireNewest(to, generation)
        return underSnapshot(source, snapshot, (from) => carry(from, to))
      },
      {
        name: `land ${landing} chunk ${number}`,
        statementTimeoutMs: 0,
        // As long as it takes to reach the source.
        idleTimeoutMs: 300_000,
        settings: landingSettings,
      },
    )
  return retrying(() => land().catch(asPassing), limits).catch((thrown: unknown) => {
    throw asDroverError(
      thrown,
      'statement-failed',
      'Rows could not land; their transaction was rolled back.',
      `table ${qualifiedName(table.target)}, chunk ${number}${chunks.length > 1 ? ` and ${chunks.length - 1} after it` : ''}`,
    )
  })
}

/** A source that stood still for too long, because what it had sent waited at the target, is read again. */
function asPassing(thrown: unknown): never {
  if (serverErrorOf(thrown)?.sqlstate !== '25P03') throw thrown
  throw new DroverError('connection-lost', 'A session stood still for too long and was ended.', {
    remedy: 'See what the target waits for (pg_stat_activity), then give the command again.',
  })
}

/** @throws DroverError `landing-busy` */
export async function requireNewest(tx: Queryable, generation: string): Promise<void> {
  if (await isNewestGeneration(tx, generation)) return
  throw new DroverError('landing-busy', 'Another process has begun to land tables in this database.', {
    remedy: 'Wait until it has done: drover land --status.',
  })
}

function miscounted({ target }: LandingTable, sent: number, written: number): DroverError {
  return new DroverError('landing-differs', 'The two servers do not count the same rows.', {
    where: `table ${qualifiedName(target)}`,
    why: `${sent} were sent, ${written} written`,
    remedy: 'Give the command again.',
  })
}
