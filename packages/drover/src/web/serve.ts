import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { DroverError } from '../error.ts'
import { createAccess } from './access.ts'
import { type App, buildApp } from './app.ts'
import { tokenName } from './guard.ts'
import type { Site } from './site.ts'

/** A page that is being served. */
export interface Serving {
  /** Where it opens, with the token. */
  readonly address: string
  readonly port: number
  /** What was asked for from the page and is not over, a sentence each. */
  underWay(): readonly string[]
  /** Ends it at once, with every connection. */
  close(): Promise<void>
}

/** Nobody but this machine reaches it. */
const host = '127.0.0.1'

/**
 * Serves the page to this machine alone, on the port or, where that is 0, on a free one.
 *
 * @throws DroverError `usage-invalid` where the port cannot be had.
 */
export async function serve(site: Site, port: number): Promise<Serving> {
  let app: App
  const server = createAdaptorServer({ fetch: (request) => app.fetch(request) }) as Server
  server.listen(port, host)
  await once(server, 'listening').catch((thrown: NodeJS.ErrnoException) => {
    throw new DroverError('usage-invalid', `The page cannot be served on port ${port}.`, {
      why: thrown.code,
      remedy: 'Name another port, or leave --port out: a free one is found.',
    })
  })
  const { port: taken } = server.address() as AddressInfo
  app = buildApp(site, createAccess(site.token, taken))
  return {
    address: `http://${host}:${taken}/?${tokenName}=${site.token}`,
    port: taken,
    underWay: () => app.underWay(),
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
