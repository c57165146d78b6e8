import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** Whether PgBouncer is installed; Debian keeps it out of the path of ordinary users. */
export const pgbouncer = ['pgbouncer', '/usr/sbin/pgbouncer'].find(
  (file) => spawnSync(file, ['--version']).status === 0,
)

export interface Pooler {
  /** The connection string by way of the pooler. */
  readonly url: string
  stop(): Promise<void>
}

export interface PoolerOptions {
  /** The address to listen on. Default 127.0.0.1. */
  readonly address?: string
  /** Further settings of its own. */
  readonly settings?: Readonly<Record<string, string | number>>
}

/** PgBouncer in transaction mode in front of a database, with so many connections to the server. */
export async function startPooler(
  target: string,
  serverConnections: number,
  { address = '127.0.0.1', settings = {} }: PoolerOptions = {},
): Promise<Pooler> {
  const { hostname, port, username, password, pathname } = new URL(target)
  const folder = await mkdtemp(join(tmpdir(), 'drover-pooler-'))
  const file = join(folder, 'pgbouncer.ini')
  const listenPort = await freePort()
  await writeFile(
    file,
    `[databases]
* = host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}
[pgbouncer]
listen_addr = ${address}
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${serverConnections}
max_client_conn = 100
server_check_delay = 0
${Object.entries(settings)
  .map(([name, value]) => `${name} = ${value}\n`)
  .join('')}`,
  )
  await chmod(folder, 0o755)
  // It refuses root.
  const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  // It ends with us, however we end.
  const words = ['--pdeathsig', 'KILL', pgbouncer!, '--quiet', file]
  const started = spawn('setpriv', words, { ...account, stdio: 'ignore' })
  const ended = once(started, 'exit')
  const url = `postgresql://${username}@${address}:${listenPort}${pathname}`
  const stop = async () => {
    started.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true })
  }
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client({ connectionString: url })
    const isUp = await client.connect().then(
      () => true,
      () => false,
    )
    await client.end().catch(() => {})
    if (isUp) return { url, stop }
    if (attempt === 100 || started.exitCode !== null) {
      await stop()
      throw new Error('PgBouncer did not start.')
    }
    await sleep(50)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
