import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { DroverError } from '../error.ts'
import type { Database, Row, Transaction, TransactionOptions } from './connection.ts'
import { commitUnknown, connectionLost, requireVersion, unreachable } from './connection-errors.ts'
import { labelOf, requireConnectionString } from './connection-string.ts'
import { serverErrorOf } from './server-error.ts'
import { openTransaction } from './session.ts'
import { defaultSilenceMs, serverSilence, watchSilence } from './silence.ts'
import { reactionTo } from './sqlstate.ts'

/** How connections to a server are held. */
export interface OpenOptions {
  /** Told to the server, shown in pg_stat_activity. Default `drover`. */
  readonly applicationName?: string
  /** Connections held at most. Default 4. */
  readonly connections?: number
  /**
   * How long the other end may be silent before a connection counts as lost, on both sides, in milliseconds. Default
   * 20,000.
   */
  readonly silenceMs?: number
}

/**
 * bool, int2, int4, oid, float, json, and arrays of text and int4 keep their JavaScript form; every other type stays the
 * text the server sent.
 */
const parsedTypes = new Set([16, 21, 23, 26, 700, 701, 114, 3802, 1009, 1007])

/**
 * Opens a database by its connection string and makes sure that it can be used.
 *
 * @throws DroverError `usage-invalid`, `database-unreachable`, `database-refused` or `server-unsupported`, with the remedy.
 */
export async function openDatabase(url: string, options: OpenOptions = {}): Promise<Database> {
  const { silenceMs = defaultSilenceMs } = options
  const pool = new pg.Pool({
    connectionString: requireConnectionString(url),
    application_name: options.applicationName ?? 'drover',
    max: options.connections ?? 4,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    // Node sends ten probes after that, a second apart.
    keepAliveInitialDelayMillis: Math.ceil(silenceMs / 2),
    types: {
      getTypeParser: (oid: number) => (parsedTypes.has(oid) ? pg.types.getTypeParser(oid) : (text: string) => text),
    },
  } as pg.PoolConfig)
  // An idle connection that the server ends is replaced at the next use; without a listener it would end the process.
  pool.on('error', () => {})
  const label = labelOf(url)
  let settings: TransactionOptions['settings'] = {}
  const database: Database = {
    label,
    transaction: (work, transactionOptions) =>
      runTransaction(
        { pool, label, silenceMs },
        work,
        openTransaction({ ...transactionOptions, settings: { ...settings, ...transactionOptions?.settings } }),
      ),
    close: () => pool.end(),
  }
  try {
    // Without drover's settings: an older server does not know all of them.
    const [server] = await runTransaction(
      { pool, label, silenceMs },
      (tx) => tx.query(`select current_setting('server_version_num') as version, version() ~ 'linux' as is_linux`),
      '/* drover version */ begin read only',
    )
    requireVersion(Number(server?.version), label)
    // Not every platform can look after its clients.
    if (server?.is_linux) settings = serverSilence(silenceMs)
  } catch (thrown) {
    await pool.end().catch(() => {})
    throw thrown
  }
  return database
}

/** Where connections come from, and how long they may be silent. */
interface Source {
  readonly pool: pg.Pool
  readonly label: string
  readonly silenceMs: number
}

async function runTransaction<T>(
  { pool, label, silenceMs }: Source,
  work: (tx: Transaction) => Promise<T>,
  opening: string,
): Promise<T> {
  const client = await pool.connect().catch((thrown: unknown) => {
    throw unreachable(thrown, label)
  })
  let broken: Error | undefined
  // A connection that dies between two statements reports it here; the next statement fails and rolls back. What is
  // reported first says why.
  const onError = (error: Error) => {
    broken ??= error
  }
  client.on('error', onError)
  const unwatch = watchSilence(socketOf(client), silenceMs)
  const ask = async (text: string, values?: readonly unknown[]) => {
    try {
      return await client.query<Row>(text, values as unknown[])
    } catch (thrown) {
      throw broken !== undefined && serverErrorOf(thrown) === undefined ? connectionLost(broken, label) : thrown
    }
  }
  const copyOut = async (text: string, to: NodeJS.WritableStream) => {
    try {
      const out = client.query(copyTo(text))
      await pipeline(out, to, { end: false })
      // How many there were is said after the last row, maybe in another packet: what is asked now is answered behind it.
      await ask('')
      return out.rowCount
    } catch (thrown) {
      if (serverErrorOf(thrown) !== undefined) throw thrown
      if (broken !== undefined) throw connectionLost(broken, label)
      // What the stream did not take is still under way: the connection is good for nothing else.
      broken = thrown as Error
      throw thrown
    }
  }
  const copyIn = async (text: string, from: NodeJS.ReadableStream) => {
    try {
      const into = client.query(copyFrom(text))
      // Where the stream fails, the server is told so and ends the statement: the connection stays good.
      await pipeline(from, into)
      return into.rowCount
    } catch (thrown) {
      throw broken !== undefined && serverErrorOf(thrown) === undefined ? connectionLost(broken, label) : thrown
    }
  }
  try {
    await ask(opening)
    const result = await work({ query: async (text, values) => (await ask(text, values)).rows, copyOut, copyIn })
    if (broken !== undefined) throw connectionLost(broken, label)
    await commit(ask, label)
    return result
  } catch (thrown) {
    if (broken === undefined) {
      await client.query('rollback').catch((error: Error) => {
        broken = error
      })
    }
    throw thrown
  } finally {
    unwatch()
    client.off('error', onError)
    client.release(broken)
  }
}

/** What the driver speaks through; its types leave that out. */
function socketOf(client: pg.PoolClient): Socket {
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream
}

/** Of a connection that breaks now nobody knows whether the server has committed: only the ledger can tell. */
async function commit(ask: (text: string) => Promise<pg.QueryResult>, label: string): Promise<void> {
  const { command } = await ask('commit').catch((thrown: unknown) => {
    const sqlstate = serverErrorOf(thrown)?.sqlstate
    throw sqlstate === undefined || reactionTo(sqlstate) === 'reconnect' ? commitUnknown(thrown, label) : thrown
  })
  if (command === 'COMMIT') return
  throw new DroverError('statement-failed', 'The server rolled a transaction back that was to be committed.', {
    where: label,
    why: 'a statement of it had failed before',
  })
}
