import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connectTo, type TestDatabase } from '../support/connect.ts'
import { startInMemory } from '../support/in-memory.ts'
import { type Pooler, startPooler } from '../support/pgbouncer.ts'
import type { Network } from './network.ts'
import { schema } from './stage.ts'

/** A server that hosts can reach. */
export interface HostServer {
  /** A fresh database with the schema that hosts work on. */
  create(): Promise<TestDatabase>
  /** The connection string by which hosts reach a database. */
  urlFor(database: TestDatabase): string
  /**
   * PgBouncer in transaction mode between the hosts and a database. It looks after its clients so that none is silent for
   * longer than this, in milliseconds; where that is undefined, not at all.
   */
  pool(database: TestDatabase, silenceMs: number | undefined): Promise<Pooler>
  /** Lets commits wait for a replica that does not exist, or not any more. */
  withholdCommits(withheld: boolean): Promise<void>
  stop(): Promise<void>
}

/** The server listens on the loopback address and on the network's own. */
export async function startHostServer({ address, range }: Network): Promise<HostServer> {
  const server = await startInMemory({
    settings: {
      shared_buffers: '128MB',
      max_connections: '100',
      max_wal_senders: '1',
      listen_addresses: `127.0.0.1,${address}`,
      // The server's own settings are such that only what drover sets can tell of a client that vanished.
      client_connection_check_interval: '0',
    },
  })
  await appendFile(join(server.dataDirectory, 'pg_hba.conf'), `host all all ${range} scram-sha-256\n`)
  const maintenance = connectTo(server.url)
  await maintenance.query('select pg_reload_conf()')
  let databases = 0
  return {
    async create() {
      const name = `hosts_${databases++}`
      await maintenance.query(`create database ${name}`)
      const database = connectTo(server.urlFor(name))
      await database.query(schema)
      const drop = async () => {
        await database.disconnect()
        await maintenance.query(`drop database ${name} with (force)`)
      }
      return { ...database, drop }
    },
    urlFor: ({ name }) => Object.assign(new URL(server.urlFor(name)), { hostname: address }).href,
    pool: ({ name }, silenceMs) =>
      startPooler(server.urlFor(name), 20, {
        address,
        settings: silenceMs === undefined ? { tcp_keepalive: 0 } : lookingAfterClients(silenceMs),
      }),
    async withholdCommits(withheld) {
      // The change of the setting must not wait itself.
      await maintenance.query('set synchronous_commit = local')
      await maintenance.query(`alter system set synchronous_standby_names = '${withheld ? 'nobody' : ''}'`)
      await maintenance.query('select pg_reload_conf()')
    },
    async stop() {
      await maintenance.disconnect()
      await server.stop()
    },
  }
}

function lookingAfterClients(silenceMs: number) {
  const half = Math.round(silenceMs / 2_000)
  return { tcp_keepalive: 1, tcp_keepidle: half, tcp_keepintvl: 1, tcp_keepcnt: half, tcp_user_timeout: silenceMs }
}
