import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { DroverError } from '../error.ts'
import type { Database, Row, Transaction, TransactionOptions } from './connection.ts'
import { describeServerError, serverErrorOf } from './server-error.ts'
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

/** The oldest server that drover supports, as `server_version_num`. */
const oldestServer = 140_000

/**
 * bool, int2, int4, oid, float, json, and arrays of text and int4 keep their JavaScript form; every other type stays the
 * text the server sent.
 */
const parsedTypes = new Set([16, 21, 23, 26, 700, 701, 114, 3802, 1009, 1007])

/**
 * Opens a database by its connection string and makes sure that it can be used.
 *
 * @throws DroverError `database-unreachable`, `database-refused` or `server-unsupported`, with the remedy.
 */
export async function openDatabase(url: string, options: OpenOptions = {}): Promise<Database> {
  const { silenceMs = defaultSilenceMs } = options
  const pool = new pg.Pool({
    ...connectionOptions(url),
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

function requireVersion(version: number, label: string): void {
  if (version >= oldestServer) return
  throw new DroverError(
    'server-unsupported',
    `PostgreSQL ${Math.floor(version / 10_000)} is older than drover supports.`,
    {
      where: label,
      remedy: 'Use a server of version 14 or later.',
    },
  )
}

function connectionOptions(url: string): pg.PoolConfig {
  try {
    new URL(url)
  } catch {
    throw new DroverError('usage-invalid', 'The connection string is not a URL.', {
      remedy: 'Write it as postgresql://user:password@host:5432/database.',
    })
  }
  return { connectionString: url }
}

/** Where a connection string leads, without user or password. */
function labelOf(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname || 'local socket'}:${port || '5432'}${pathname}`
}

function connectionLost(cause: unknown, label: string): DroverError {
  return new DroverError('connection-lost', 'The connection to the server broke; the transaction was rolled back.', {
    where: label,
    why: whyBroken(cause),
    remedy: 'Check that the server is running, then give the command again: nothing is done twice.',
    cause,
  })
}

function commitUnknown(cause: unknown, label: string): DroverError {
  return new DroverError('commit-unknown', 'The connection to the server broke while a transaction was committed.', {
    where: label,
    why: whyBroken(cause),
    remedy: 'Give the command again: the ledger tells whether it was, and nothing is done twice.',
    cause,
  })
}

/** A connection that is closed says so itself; one that is cut is only silent. */
function whyBroken(cause: unknown): string | undefined {
  if (cause instanceof DroverError) return cause.why
  const isSilent = (cause as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT'
  return isSilent ? 'the server does not answer any more' : undefined
}

/** What helps where a server refuses whoever comes, by SQLSTATE. */
const refusalRemedies: Readonly<Record<string, string>> = {
  '53300': 'Wait until others have disconnected, or raise max_connections; then give the command again.',
  '57P03': 'Wait until the server has started, then give the command again.',
}

function unreachable(thrown: unknown, label: string): DroverError {
  const server = serverErrorOf(thrown)
  if (server !== undefined) {
    return new DroverError('database-refused', 'The server refused the connection.', {
      where: label,
      why: describeServerError(server),
      remedy: refusalRemedies[server.sqlstate] ?? 'Check user, password and database name in the connection string.',
      cause: thrown,
    })
  }
  if (thrown instanceof Error && thrown.message.startsWith('SASL')) {
    return new DroverError(
      'database-refused',
      'The server asks for a password, and the connection string has none that it can use.',
      {
        where: label,
        remedy: 'Put the password into the connection string, or set PGPASSWORD.',
        cause: thrown,
      },
    )
  }
  return new DroverError('database-unreachable', 'No PostgreSQL server answers.', {
    where: label,
    why: thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code || thrown.message : String(thrown),
    remedy: 'Start the server, or correct host and port in --database-url or DATABASE_URL.',
    cause: thrown,
  })
}
