import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DroverError } from '../error.ts'
import { serverAccount, temporaryFolder } from './account.ts'
import { runnableBinaries } from './binaries.ts'
import type { Cluster, Program } from './cluster.ts'
import { prepareDataDirectory } from './data-directory.ts'
import { explainFailure } from './failure.ts'
import { initialise, setPassword } from './initialise.ts'
import { findDistribution, platformPackage } from './platform.ts'
import { startOnFreePort } from './port.ts'
import { type StopMode, startServer, stopServer } from './server.ts'
import { serverSettings } from './settings.ts'
import { startWatchdog } from './start-watchdog.ts'

/** Where the server keeps its data, and how it is set. */
export interface EmbeddedOptions {
  /** Kept when the server stops, and used again. Default: a temporary folder that goes with the server. */
  readonly dataDirectory?: string
  /** Default: a free one. */
  readonly port?: number
  /** Server settings, on top of drover's own. */
  readonly settings?: Readonly<Record<string, string>>
  /** Whether commits reach the disk before they are confirmed. Only tests may do without. Default true. */
  readonly fsync?: boolean
  /** Aborted while the server starts: the start is given up, and rejects when nothing is left of it. */
  readonly signal?: AbortSignal
}

/** A PostgreSQL server that belongs to this process: when the process ends, however it ends, the server ends too. */
export interface EmbeddedServer {
  /** The superuser's connection string of database `postgres`. Every start makes another password. */
  readonly url: string
  readonly port: number
  readonly dataDirectory: string
  /** E.g. `18.4`. */
  readonly version: string
  /** The superuser's connection string of a database. */
  urlFor(database: string): string
  /** `fast` (default) ends sessions in order, `immediate` is a crash from which the server recovers. */
  restart(mode?: StopMode): Promise<void>
  /** Resolves when the server and its temporary files are gone. */
  stop(): Promise<void>
}

/**
 * Starts an embedded PostgreSQL on the loopback address.
 *
 * @throws DroverError one of the codes `embedded-…`, with the remedy; or the reason of `signal`
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  const { signal } = options
  signal?.throwIfAborted()
  const distribution = findDistribution(platformPackage(process.platform, process.arch))
  const given = options.dataDirectory === undefined ? undefined : resolve(options.dataDirectory)
  const account = serverAccount(given)
  const base = temporaryFolder(account)
  const folder = await mkdtemp(join(base, 'drover-server-')).catch((error: Error) => {
    throw explainFailure(error.message, { where: base }, error)
  })
  const dataDirectory = given ?? join(folder, 'data')
  const watchdog = await startWatchdog(folder).catch(async (error: Error) => {
    await rm(folder, { recursive: true })
    throw explainFailure(error.message, { where: folder }, error)
  })
  try {
    // Others may pass through, not look: the account reaches what it is told of.
    if (account) await chmod(folder, 0o711)
    const found = await prepareDataDirectory(dataDirectory, account, distribution.packageVersion)
    const binaries = await runnableBinaries(distribution, { account, base, folder })
    signal?.throwIfAborted()
    const settings = serverSettings(options)
    const cluster: Cluster = { binaries, account, dataDirectory, folder, settings, watchdog }
    const password = randomBytes(18).toString('base64url')
    await (found === 'empty' ? initialise(cluster, password) : setPassword(cluster, password))
    signal?.throwIfAborted()
    const start = async (port: number) => ({ port, server: await startServer(cluster, port, signal) })
    const { port, server } = await (options.port === undefined ? startOnFreePort(start) : start(options.port))
    const version = distribution.packageVersion.split('.').slice(0, 2).join('.')
    return embeddedServer({ cluster, server, port, password, version })
  } catch (error) {
    await watchdog.end()
    if (error instanceof DroverError || signal?.aborted) throw error
    throw explainFailure((error as Error).message, { where: dataDirectory }, error)
  }
}

interface Running {
  readonly cluster: Cluster
  readonly server: Program
  readonly port: number
  readonly password: string
  readonly version: string
}

function embeddedServer(running: Running): EmbeddedServer {
  const { cluster, port, password, version } = running
  let server = running.server
  let stopped: Promise<void> | undefined
  // `pg` decodes the path with decodeURI, which leaves what encodeURIComponent encodes beyond encodeURI.
  const path = (database: string) => encodeURI(database).replace(/[?#]/g, encodeURIComponent)
  const urlFor = (database: string) => `postgresql://postgres:${password}@127.0.0.1:${port}/${path(database)}`
  const stop = async () => {
    await stopServer(cluster, server, 'fast')
    // The watchdog removes the folder too, unless someone has killed it.
    await rm(cluster.folder, { recursive: true, force: true })
    await cluster.watchdog.end()
  }
  return {
    url: urlFor('postgres'),
    port,
    dataDirectory: cluster.dataDirectory,
    version,
    urlFor,
    restart: async (mode = 'fast') => {
      if (stopped) throw new DroverError('embedded-failed', 'The embedded PostgreSQL was stopped: start another one.')
      await stopServer(cluster, server, mode)
      server = await startServer(cluster, port)
    },
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}
