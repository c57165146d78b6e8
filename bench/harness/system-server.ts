import { chmod, chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { serverAccount, temporaryFolder } from '../../packages/drover/src/embedded/account.ts'
import { type Cluster, readLog, startProgram } from '../../packages/drover/src/embedded/cluster.ts'
import { startOnFreePort } from '../../packages/drover/src/embedded/port.ts'
import { startServer, stopServer } from '../../packages/drover/src/embedded/server.ts'
import { startWatchdog } from '../../packages/drover/src/embedded/start-watchdog.ts'
import { type BenchServer, benchSettings, withClient } from './server.ts'

/** Where Debian puts PostgreSQL, a folder a version. */
const place = '/usr/lib/postgresql'

/** The newest PostgreSQL that the system has installed, as the folder that holds `bin`; undefined where there is none. */
export async function findSystemServer(): Promise<string | undefined> {
  const versions = await readdir(place).catch(() => [] as string[])
  const [newest] = versions.filter((name) => /^[0-9]+$/.test(name)).toSorted((a, b) => Number(b) - Number(a))
  return newest === undefined ? undefined : join(place, newest)
}

/**
 * A fresh cluster of that PostgreSQL: tools of the system are made for its version. It goes when the bench ends, however
 * that ends.
 */
export async function startSystemServer(binaries: string, settings = benchSettings): Promise<BenchServer> {
  const account = serverAccount(undefined)
  const folder = await mkdtemp(join(temporaryFolder(account), 'drover-bench-'))
  if (account) await chmod(folder, 0o711)
  const dataDirectory = join(folder, 'data')
  await mkdir(dataDirectory, { mode: 0o700 })
  if (account) await chown(dataDirectory, account.uid, account.gid)
  const watchdog = await startWatchdog(folder)
  const cluster: Cluster = { binaries, account, dataDirectory, folder, settings, watchdog }
  const args = ['-D', dataDirectory, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']
  if ((await startProgram(cluster, { program: 'initdb', args, role: 'task' }).ended) !== 0) {
    throw new Error(`initdb failed: ${await readLog(cluster)}`)
  }
  const { port, program } = await startOnFreePort(async (port) => ({ port, program: await startServer(cluster, port) }))
  const urlFor = (database: string) => `postgresql://postgres@127.0.0.1:${port}/${database}`
  const url = urlFor('postgres')
  const version = await withClient(url, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return `PostgreSQL ${rows[0]!.server_version}`
  })
  const stop = async () => {
    await stopServer(cluster, program, 'fast')
    await rm(folder, { recursive: true, force: true })
    await watchdog.end()
  }
  return { url, urlFor, version, settings, stop }
}
