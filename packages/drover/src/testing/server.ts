import { openDatabase } from '../db/pg.ts'
import { type EmbeddedServer, startEmbedded } from '../embedded/index.ts'
import { DroverError } from '../error.ts'
import { dropLeftovers } from './leftovers.ts'

/** The variable that names a server for the databases of tests. */
const variable = 'DROVER_TEST_DATABASE_URL'

/** A server that test databases are made on. */
export interface TestServer extends AsyncDisposable {
  /** The connection string of a role that may create databases. */
  readonly url: string
  /** Stops it, if it was started for this; a server of yours is left as it is. */
  stop(): Promise<void>
}

/**
 * Starts an embedded server for a whole test run and names it in `DROVER_TEST_DATABASE_URL`, so that the processes which are
 * started from now on make their databases there: for the global set-up of a test runner. Where the variable is set already,
 * that server is used.
 *
 * @throws DroverError one of the codes `embedded-…`, with the remedy; `database-unreachable`, `database-refused`
 */
export async function testServer(): Promise<TestServer> {
  const given = process.env[variable]
  if (given !== undefined && given !== '') {
    await requireUsable(given)
    return disposable(given, async () => {})
  }
  const server = await startForTests()
  process.env[variable] = server.url
  return disposable(server.url, async () => {
    delete process.env[variable]
    await server.stop()
  })
}

function disposable(url: string, stop: () => Promise<void>): TestServer {
  return { url, stop, [Symbol.asyncDispose]: stop }
}

/** What this process has found or started. A test suite has no place of its own that all its files could hand it on from. */
const known: { embedded?: Promise<string>; readonly usable: Map<string, Promise<void>> } = { usable: new Map() }

/**
 * The connection string to make databases by: the one that is given, that of the environment, or that of an embedded
 * server.
 */
export async function serverUrl(given: string | undefined): Promise<string> {
  const url = given ?? process.env[variable]
  if (url === undefined || url === '') {
    // It ends with this process, and does not keep it from ending.
    known.embedded ??= startForTests().then((server) => server.url)
    return known.embedded
  }
  const usable = known.usable.get(url) ?? requireUsable(url)
  known.usable.set(url, usable)
  await usable
  return url
}

/** Makes sure that the server can be used, and removes what earlier processes have left on it. */
async function requireUsable(url: string): Promise<void> {
  const database = await openDatabase(url, { connections: 1 })
  await database.close()
  await dropLeftovers(url)
}

/** A server for small databases, many of them, that nobody misses. */
async function startForTests(): Promise<EmbeddedServer> {
  const settings = { shared_buffers: '128MB', max_connections: '100' }
  return startEmbedded({ fsync: false, settings }).catch((thrown: unknown) => {
    if (!(thrown instanceof DroverError) || thrown.remedy === undefined) throw thrown
    // The remedies speak of a flag of the command line: here it is the variable that names a server of one's own.
    const remedy = thrown.remedy.replace('pass --database-url', `name it in ${variable}`)
    throw new DroverError(thrown.code, thrown.what, { ...thrown, remedy, cause: thrown.cause })
  })
}
