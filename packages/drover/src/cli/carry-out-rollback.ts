import type { RollbackTally } from '../ledger/rollback-chunk.ts'
import { copyDiscarded } from '../rollback/discarded.ts'
import { type RollbackOutcome, rollback } from '../rollback/rollback.ts'
import type { RollbackFlags } from './command/rollback.ts'
import { readConfig } from './config-file.ts'
import { openNamed } from './database.ts'
import { listenForInterrupt } from './interrupt.ts'
import type { Io } from './io.ts'
import { settle } from './work-settings.ts'
import { writeToFile } from './write-file.ts'

/** At most how often a line tells how far a rollback is, in milliseconds. */
const everyMs = 2_000

/** Takes the run back that the flags name, with a line to stderr now and then. */
export async function carryOutRollback(flags: RollbackFlags, io: Io): Promise<RollbackOutcome> {
  const { onConflict, allow, discarded } = flags
  const { workers, limits } = settle(flags, (await readConfig(flags, io.env)).settings)
  const db = await openNamed(flags, io, { connections: workers + 2 })
  const { signal, release } = listenForInterrupt(io)
  signal.addEventListener('abort', () => {
    io.stderr.write('Stopping after the chunks under way. Ctrl-C again stops at once; the same command goes on.\n')
  })
  try {
    const outcome = await rollback(db, flags.run, {
      workers,
      limits,
      ...(onConflict === undefined ? {} : { onConflict }),
      ...(allow === undefined ? {} : { allowed: allow }),
      signal,
      ...(flags.json ? {} : { onProgress: progressTo(io) }),
    })
    if (discarded !== undefined) {
      await writeToFile(io, discarded, (to) =>
        db.transaction((tx) => copyDiscarded(tx, outcome.runId, to), { readOnly: true, statementTimeoutMs: 0 }),
      )
    }
    return outcome
  } finally {
    release()
    await db.close()
  }
}

function progressTo(io: Io): (tallies: readonly RollbackTally[]) => void {
  let toldAt = performance.now() - everyMs
  return (tallies) => {
    if (performance.now() - toldAt < everyMs) return
    toldAt = performance.now()
    const sum = (count: (tally: RollbackTally) => bigint) => tallies.reduce((all, tally) => all + count(tally), 0n)
    const chunks = `${sum(({ chunksDone }) => chunksDone)} of ${sum((tally) => tally.chunks)} chunks`
    io.stderr.write(
      `Taken back: ${chunks}, ${sum(({ removed }) => removed)} rows removed, ${sum(({ restored }) => restored)} restored.\n`,
    )
  }
}
