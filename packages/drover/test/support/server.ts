import type { TestProject } from 'vitest/node'
import { startInMemory } from './in-memory.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's connection string of the server that all test files share. */
    readonly serverUrl: string
    /** Whether matrices are tested cell by cell, which takes longer than a test run may: `npm run test:cells`. */
    readonly everyCell: boolean
  }
}

/** One server for the whole test run: an embedded one, or the one that `DROVER_TEST_DATABASE_URL` names. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  project.provide('everyCell', project.config.mode === 'every-cell')
  const given = process.env.DROVER_TEST_DATABASE_URL
  if (given) {
    project.provide('serverUrl', given)
    return undefined
  }
  const server = await startInMemory({
    settings: { shared_buffers: '256MB', max_connections: '150', max_wal_size: '1GB' },
  })
  project.provide('serverUrl', server.url)
  return () => server.stop()
}
