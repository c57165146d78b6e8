import type { TestProject } from 'vitest/node'
import { connectTo } from './connect.ts'
import { startInMemory } from './in-memory.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's connection string of the server that all test files share. */
    readonly serverUrl: string
    /** Whether matrices are tested cell by cell, which takes longer than a test run may: `npm run test:cells`. */
    readonly everyCell: boolean
    /** How a database is copied: by files, which takes less than half as long as by the log, where the server knows how. */
    readonly copied: 'strategy file_copy' | ''
  }
}

/** One server for the whole test run: an embedded one, or the one that `DROVER_TEST_DATABASE_URL` names. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  project.provide('everyCell', project.config.mode === 'every-cell')
  const given = process.env.DROVER_TEST_DATABASE_URL
  if (given) {
    project.provide('serverUrl', given)
    project.provide('copied', (await serverVersion(given)) >= 150_000 ? 'strategy file_copy' : '')
    return undefined
  }
  const server = await startInMemory({
    settings: { shared_buffers: '256MB', max_connections: '150', max_wal_size: '1GB' },
  })
  project.provide('serverUrl', server.url)
  project.provide('copied', 'strategy file_copy')
  return () => server.stop()
}

async function serverVersion(url: string): Promise<number> {
  const database = connectTo(url)
  try {
    const [row] = await database.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    )
    return row!.version
  } finally {
    await database.disconnect()
  }
}
