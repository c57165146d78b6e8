import { openDatabase } from '../db/pg.ts'
import type { Run } from '../ledger/run.ts'
import type { Verification } from '../verify/verification.ts'
import { type VerificationProgress, verify } from '../verify/verify.ts'
import type { VerifyFlags } from './command/verify.ts'
import { readConfig } from './config-file.ts'
import { connectionSettings, databaseUrl } from './database.ts'
import { listenForInterrupt } from './interrupt.ts'
import type { Io } from './io.ts'
import { readOfRun } from './named-run.ts'
import { settle } from './work-settings.ts'

/** At most how often a line tells how far a verification is, in milliseconds. */
const everyMs = 2_000

/** Verifies the run that the flags name, with a line to stderr now and then. */
export async function carryOutVerification(
  file: string | undefined,
  flags: VerifyFlags,
  io: Io,
): Promise<{ readonly verification: Verification; readonly migration: string }> {
  const config = await readConfig(flags, io.env)
  const url = databaseUrl(flags, config)
  const { afterCutover = false, tryWrites = false, restart = false } = flags
  const { workers } = settle(flags, config.settings)
  const db = await openDatabase(url, { ...connectionSettings(config), connections: 2 * workers })
  const { signal, release } = listenForInterrupt(io)
  signal.addEventListener('abort', () => {
    io.stderr.write('Stopping after the checks under way. Ctrl-C again stops at once.\n')
  })
  try {
    const run = await readOfRun(db, flags, async (_, found) => found)
    const verification = await verify(db, run.id, {
      workers,
      afterCutover,
      triesWrites: tryWrites,
      restart,
      probes: await probesOf(run, file),
      url,
      signal,
      ...(flags.json ? {} : { onProgress: progressTo(io) }),
    })
    return { verification, migration: run.migration }
  } finally {
    release()
    await db.close()
  }
}

/** The planner, which knows a migration file again, is half of the program: nobody waits for it without one. */
async function probesOf(run: Run, file: string | undefined) {
  if (file === undefined) return new Map<string, never>()
  const { probesOfRun } = await import('./functions-of-file.ts')
  return probesOfRun(run, file)
}

function progressTo(io: Io): (progress: VerificationProgress) => void {
  let toldAt = performance.now()
  return ({ parts, done, taken, part }) => {
    if (part === undefined && taken > 0) {
      io.stderr.write(`Goes on with a verification that was interrupted: ${taken} of ${parts} checks are done.\n`)
    }
    if (part === undefined || performance.now() - toldAt < everyMs) return
    toldAt = performance.now()
    io.stderr.write(`Checked ${part} (${done} of ${parts}).\n`)
  }
}
