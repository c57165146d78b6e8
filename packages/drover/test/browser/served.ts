import { start } from '../cli/drover.ts'
import type { TestDatabase } from '../support/postgres.ts'

/** A page that `drover serve` serves in a process of its own. */
export interface Served {
  /** Where it opens, with its secret. */
  readonly address: string
  readonly port: string
  /** Ends it as Ctrl-C does, and makes sure that it ends well. */
  end(): Promise<void>
  /** Ends it as a crash does. */
  kill(): Promise<void>
}

export interface ServeOptions {
  readonly words?: readonly string[]
  readonly secret?: string
}

export async function serveDatabase(
  database: TestDatabase,
  { words = [], secret }: ServeOptions = {},
): Promise<Served> {
  const calling = start(['serve', ...words], {
    database: database.url,
    env: secret === undefined ? {} : { DROVER_SERVE_TOKEN: secret },
  })
  let stdout = ''
  calling.process.stdout!.on('data', (text: string) => {
    stdout += text
  })
  await calling.stderrHolds('Ctrl-C ends it.')
  const address = stdout.trim()
  const stop = async (signal: NodeJS.Signals) => {
    calling.process.kill(signal)
    return calling.ended
  }
  return {
    address,
    port: new URL(address).port,
    async end() {
      const { exit, stderr } = await stop('SIGINT')
      if (exit !== 0) throw new Error(`drover serve ended with ${exit}: ${stderr}`)
    },
    async kill() {
      await stop('SIGKILL')
    },
  }
}
