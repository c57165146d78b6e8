import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DroverError } from '../error.ts'
import { serverAccount, temporaryFolder } from './account.ts'
import { readableBinaries } from './binaries.ts'
import { type Cluster, initialise, startServer, stopServer } from './cluster.ts'
import { explainFailure } from './failure.ts'
import { findDistribution, platformPackage } from './platform.ts'
import { startWatchdog, type Watchdog } from './start-watchdog.ts'

export interface EmbeddedOptions {
  /** Kept when the server stops, and used again. Default: a temporary folder that goes with the server. */
  readonly dataDirectory?: string
  /** The superuser's password; needed again with a data directory that is kept. Default: a random one. */
  readonly password?: string
  /** Default: a free one. */
  readonly port?: number
  /** Server settings, on top of drover's own. */
  readonly settings?: Readonly<Record<string, string>>
  /** Whether commits reach the disk before they are confirmed. Only tests may do without. Default true. */
  readonly fsync?: boolean
  /** Aborted while the server starts: the start is given up and nothing is left. */
  readonly signal?: AbortSignal
}

/** A PostgreSQL server that belongs to this process: when the process ends, however it ends, the server ends too. */
export interface EmbeddedServer {
  /** The superuser's connection string of database `postgres`. */
  readonly url: string
  readonly port: number
  readonly dataDirectory: string
  /** E.g. `18.4`. */
  readonly version: string
  /** The superuser's connection string of a database. */
  urlFor(database: string): string
  /** `fast` (default) ends sessions in order, `immediate` is a crash from which the server recovers. */
  restart(mode?: 'fast' | 'immediate'): Promise<void>
  stop(): Promise<void>
}

/** For a machine of two cores: enough for a million rows, little enough to run twice. */
const defaultSettings: Readonly<Record<string, string>> = {
  shared_buffers: '512MB',
  max_wal_size: '4GB',
  maintenance_work_mem: '256MB',
  work_mem: '32MB',
  max_connections: '60',
  client_connection_check_interval: '2s',
  wal_level: 'replica',
  max_wal_senders: '0',
  log_min_messages: 'warning',
}

/** How often another free port is tried when someone took the last one in between. */
const portAttempts = 5

/**
 * Starts an embedded PostgreSQL on the loopback address.
 *
 * @throws DroverError one of the codes `embedded-…`, with the remedy.
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  const distribution = findDistribution(platformPackage(process.platform, process.arch))
  const account = serverAccount(options.dataDirectory)
  const base = temporaryFolder(account)
  const folder = await mkdtemp(join(base, 'drover-server-'))
  const dataDirectory = options.dataDirectory ?? join(folder, 'data')
  const watchdog = startWatchdog(folder)
  const failure = { dataDirectory, port: options.port ?? 0 }
  try {
    if (account) await chmod(folder, 0o711)
    requireVersion(dataDirectory, distribution.packageVersion)
    const binaries = await readableBinaries(distribution, base)
    const cluster: Cluster = {
      binaries,
      account,
      dataDirectory,
      logFile: join(folder, 'log'),
      settings: {
        ...defaultSettings,
        ...(options.fsync === false && { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
        ...options.settings,
      },
    }
    const password = options.password ?? randomBytes(18).toString('base64url')
    if (!existsSync(join(dataDirectory, 'PG_VERSION'))) await initialise(cluster, password, folder)
    options.signal?.throwIfAborted()
    const { server, port } = await startOnPort(cluster, options.port)
    watchdog.watch(server)
    return handle({ cluster, server, port, password, version: distribution.packageVersion, watchdog, folder })
  } catch (error) {
    watchdog.end()
    throw error instanceof DroverError ? error : explainFailure(String((error as Error).message), failure, error)
  }
}

interface Running {
  readonly cluster: Cluster
  readonly server: ChildProcess
  readonly port: number
  readonly password: string
  readonly version: string
  readonly watchdog: Watchdog
  readonly folder: string
}

function handle(running: Running): EmbeddedServer {
  const { cluster, port, password, watchdog, folder } = running
  let server = running.server
  const urlFor = (database: string) =>
    `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`
  return {
    url: urlFor('postgres'),
    port,
    dataDirectory: cluster.dataDirectory,
    version: running.version.split('.').slice(0, 2).join('.'),
    urlFor,
    restart: async (mode = 'fast') => {
      await stopServer(cluster, server, mode)
      server = await startServer(cluster, port)
      watchdog.watch(server)
    },
    stop: async () => {
      await stopServer(cluster, server, 'fast')
      await rm(folder, { recursive: true, force: true })
      watchdog.release()
    },
  }
}

async function startOnPort(cluster: Cluster, wanted: number | undefined) {
  for (let attempt = 1; ; attempt++) {
    const port = wanted ?? (await freePort())
    try {
      return { server: await startServer(cluster, port), port }
    } catch (error) {
      const taken = error instanceof DroverError && error.code === 'embedded-port-in-use'
      if (!taken || wanted !== undefined || attempt === portAttempts) throw error
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

function requireVersion(dataDirectory: string, packageVersion: string): void {
  const file = join(dataDirectory, 'PG_VERSION')
  if (!existsSync(file)) return
  const found = readFileSync(file, 'utf8').trim()
  const wanted = packageVersion.split('.')[0]
  if (found === wanted) return
  throw new DroverError(
    'embedded-data-directory',
    `The data directory is of PostgreSQL ${found}, the server of ${wanted}.`,
    {
      where: dataDirectory,
      remedy: 'Use another directory, or upgrade the data with pg_upgrade.',
    },
  )
}
