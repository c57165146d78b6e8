import { createServer } from 'node:net'
import { DroverError } from '../error.ts'

/** How often another free port is tried when someone took the last one in between. */
const attempts = 5

/**
 * Starts something on a free port of the loopback address. A port that was free when we looked may be taken when it is
 * bound: then another one is tried.
 */
export async function startOnFreePort<T>(
  start: (port: number) => Promise<T>,
  findPort: () => Promise<number> = freePort,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await findPort())
    } catch (error) {
      const isTaken = error instanceof DroverError && error.code === 'embedded-port-in-use'
      if (!isTaken || attempt === attempts) throw error
    }
  }
}

/** A port of this machine that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}
