import { openDatabase } from '../db/pg.ts'
import { buildPlan } from '../plan/build.ts'
import { rehearse } from '../rehearsal/rehearse.ts'
import type { RehearsalResult, Stage } from '../rehearsal/result.ts'
import { renderDuration } from '../report/figures.ts'
import type { RehearseFlags } from './command/rehearse.ts'
import { type ReadConfig, readConfig } from './config-file.ts'
import { connectionSettings, databaseUrl, urlOf } from './database.ts'
import { listenForInterrupt } from './interrupt.ts'
import type { Io } from './io.ts'
import { loadMigration } from './load-migration.ts'
import { readSchemas } from './read-schemas.ts'
import { schemasOf } from './schemas.ts'
import { settle } from './work-settings.ts'

/** Rehearses a migration file, with a line to stderr for each stage. */
export async function carryOutRehearsal(file: string, flags: RehearseFlags, io: Io): Promise<RehearsalResult> {
  const migration = await loadMigration(file)
  const config = await readConfig(flags, io.env)
  const real = await openDatabase(databaseUrl(flags, config), connectionSettings(config))
  const { signal, release } = listenForInterrupt(io)
  try {
    const plan = buildPlan(migration, await readSchemas(real, schemasOf(migration)))
    const server = await scratchServer(flags, config, signal)
    try {
      const { workers } = settle(flags, config.settings)
      const scratch = await openDatabase(server.url, { connections: 2 * workers + 2 })
      try {
        return await rehearse(real, scratch, migration, plan, {
          fraction: flags.all ? 1 : (flags.sample ?? 1),
          ...(flags.wholeUpTo === undefined ? {} : { wholeUpTo: flags.wholeUpTo }),
          workers,
          scratchUrl: server.url,
          signal,
          onStage: (name, stage) => {
            if (stage !== undefined) io.stderr.write(`${renderStage(stage)}\n`)
            else if (io.stderr.isTTY) io.stderr.write(`${name} …\r`)
          },
        })
      } finally {
        await scratch.close()
      }
    } finally {
      await server.stop()
    }
  } finally {
    release()
    await real.close()
  }
}

interface ScratchServer {
  readonly url: string
  stop(): Promise<void>
}

/** The database that flag or settings name, or one of an embedded server. */
async function scratchServer(flags: RehearseFlags, config: ReadConfig, signal: AbortSignal): Promise<ScratchServer> {
  const url = urlOf('scratchDatabaseUrl', flags.scratchDatabaseUrl, config)
  if (url !== undefined) return { url, stop: async () => {} }
  const { startEmbedded } = await import('../embedded/index.ts')
  const server = await startEmbedded({ signal, settings: { max_connections: '50' } })
  return { url: server.url, stop: () => server.stop() }
}

/** `✓ run            4.2 s  10,000 rows read, …` */
export function renderStage({ name, verdict, detail, seconds }: Stage): string {
  const mark = { pass: '✓', fail: '✗', 'not run': '–' }[verdict]
  return `${mark} ${name.padEnd(13)} ${renderDuration(verdict === 'not run' ? null : seconds * 1000).padStart(8)}  ${verdict === 'not run' ? 'not reached' : detail}`.trimEnd()
}
