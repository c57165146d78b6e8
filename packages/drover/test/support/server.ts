import type { TestProject } from 'vitest/node'
import { startEmbedded } from '../../src/embedded/index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's connection string of the server that all test files share. */
    readonly serverUrl: string
  }
}

/** One server for the whole test run: an embedded one, or the one that `DROVER_TEST_DATABASE_URL` names. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.DROVER_TEST_DATABASE_URL
  if (given) {
    project.provide('serverUrl', given)
    return undefined
  }
  const server = await startEmbedded({ fsync: false, settings: { shared_buffers: '256MB', max_connections: '150' } })
  project.provide('serverUrl', server.url)
  return () => server.stop()
}
