import pg from 'pg'
import { testName, urlOf } from './name.ts'
import { createDatabase, dropDatabase } from './on-server.ts'
import { serverUrl } from './server.ts'
import type { SetupStep } from './setup.ts'
import { templateOf } from './template.ts'

/** A database that is made for a test and dropped after it. */
export interface TestDatabase extends AsyncDisposable {
  /** Its connection string: for drover's commands, for the application's own client. */
  readonly url: string
  readonly name: string
  /** Runs statements without parameters, or one with them, and gives the rows of it as `pg` reads them. */
  query<R extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<readonly R[]>
  /** Drops it, whoever is connected to it. A second time does nothing. `await using` calls it. */
  drop(): Promise<void>
}

/** What a test database holds, and on which server it is made. */
export interface TestDatabaseOptions {
  /**
   * What makes the schemas and rows, step by step: SQL text, the file of a script as a URL, or a function. It is carried out
   * once in a process; each database with the same steps is then a copy. Default: an empty database.
   */
  readonly setup?: readonly SetupStep[]
  /**
   * A server of yours, by the connection string of a role that may create databases. Default: the one that
   * `DROVER_TEST_DATABASE_URL` names, else an embedded server, one for each process, which ends with it.
   */
  readonly url?: string
}

/**
 * Makes a database of its own for a test: `await using database = await testDatabase({ setup: [...] })`. Where the
 * test's end does not drop it, the end of the process does.
 *
 * @throws DroverError `embedded-package-missing` and the other codes `embedded-…`; `database-unreachable`,
 * `database-refused`, `privilege-missing`; `statement-failed` naming the step of the set-up.
 */
export async function testDatabase({ setup = [], url }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = await serverUrl(url)
  return makeDatabase(server, setup.length === 0 ? undefined : await templateOf(server, setup))
}

/** What this process has made and not dropped yet; it is dropped when there is nothing else to do. */
const made = new Set<TestDatabase>()
let isWatched = false

/** As it is made: its own connections can be closed, so that it can be copied. */
interface MadeDatabase extends TestDatabase {
  disconnect(): Promise<void>
}

/** A database, empty or as a copy of a template. */
export async function makeDatabase(server: string, template?: string): Promise<MadeDatabase> {
  const name = testName(Date.now())
  await createDatabase(server, name, template)
  const url = urlOf(server, name)
  // Idle connections do not keep the process from ending, nor from dropping the database then.
  const pool = new pg.Pool({ connectionString: url, max: 4, allowExitOnIdle: true })
  pool.on('error', () => {})
  let disconnected: Promise<void> | undefined
  let dropped: Promise<void> | undefined
  const disconnect = () => {
    disconnected ??= pool.end()
    return disconnected
  }
  const drop = () => {
    dropped ??= disconnect().then(() => dropDatabase(server, name))
    made.delete(database)
    return dropped
  }
  const database: MadeDatabase = {
    url,
    name,
    query: async <R extends object>(text: string, values?: readonly unknown[]) =>
      (await pool.query<R>(text, values as unknown[])).rows ?? [],
    disconnect,
    drop,
    [Symbol.asyncDispose]: drop,
  }
  made.add(database)
  if (!isWatched) process.on('beforeExit', dropAll)
  isWatched = true
  return database
}

async function dropAll(): Promise<void> {
  await Promise.allSettled([...made].map((database) => database.drop()))
}
