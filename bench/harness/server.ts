import { startEmbedded } from 'drover/embedded'
import pg from 'pg'

/** A server that belongs to the bench. */
export interface BenchServer {
  /** The superuser's connection string of database `postgres`. */
  readonly url: string
  /** The superuser's connection string of another database. */
  urlFor(database: string): string
  /** What it calls itself, e.g. `PostgreSQL 18.4`. */
  readonly version: string
  readonly settings: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/**
 * For a machine with 16 GiB or more: what is measured fits into memory, and no checkpoint or vacuum of the server's own
 * falls into one variant and not into the other.
 */
export const benchSettings: Readonly<Record<string, string>> = {
  shared_buffers: '2GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  work_mem: '256MB',
  maintenance_work_mem: '1GB',
  wal_level: 'replica',
  autovacuum: 'off',
  max_connections: '60',
}

/** The embedded server under the settings of a bench, which reach the disk as a real one does. */
export async function startServer(settings = benchSettings): Promise<BenchServer> {
  const { url, urlFor, version, stop } = await startEmbedded({ settings })
  return { url, urlFor, version: `PostgreSQL ${version}`, settings, stop }
}

/** An empty database of that name, in place of the one that there may be, and a checkpoint. Gives its connection string. */
export async function freshDatabase(server: BenchServer, name: string): Promise<string> {
  await withClient(server.url, async (client) => {
    await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`)
    await client.query(`create database ${client.escapeIdentifier(name)}`)
    await client.query('checkpoint')
  })
  return server.urlFor(name)
}

/** A session for as long as `use` takes. */
export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
