import { performance } from 'node:perf_hooks'
import pg from 'pg'
import { loadChunk, loadRange } from './chunk.ts'
import { findDuplicates } from './duplicates.ts'
import { cutChunks, loadParents } from './parents.ts'
import { addForeignKeys, adoptCrosswalk, adoptPrimaryKey, adoptUnique, dropIndexes, indexes } from './rebuild.ts'

/** Sessions at a time: as many as drover has workers where nothing is said. */
const sessions = 2
const rowsPerChunk = 50_000

/** Seconds of each part of a script, by name. */
export type Phases = Readonly<Record<string, number>>

/** The script that makes what drover makes: target, crosswalk, quarantine, corrections, a ledger that could be resumed. */
export function runByHand(url: string): Promise<Phases> {
  return withSessions(url, async (clients, version) => {
    const { phase, phases } = stopwatch()
    const [first] = clients as [pg.Client]
    await phase('parents', async () => {
      await first.query(loadParents)
      await first.query(dropIndexes)
      await first.query(cutChunks, [rowsPerChunk])
    })
    await phase('duplicates', () => first.query(findDuplicates(version)))
    await phase('load', () => loadChunks(clients, loadChunk(version)))
    const { unique, crosswalk, primaryKey, clinic, definition } = indexes
    await phase('indexes', async () => {
      await share(clients, [unique, crosswalk, primaryKey, clinic, definition])
      for (const statement of [adoptCrosswalk, adoptPrimaryKey, adoptUnique]) await first.query(statement)
    })
    await phase('foreign keys', () => inTurn(first, addForeignKeys))
    await phase('analyze', () => share(clients, ['analyze app.metric_values', 'analyze hand.values']))
    return phases
  })
}

/** The least that a script can do: rows that do not fit are not there, and nobody knows which. Duplicates stay. */
export function runFloor(url: string): Promise<Phases> {
  return withSessions(url, async (clients, version) => {
    const { phase, phases } = stopwatch()
    const [first] = clients as [pg.Client]
    await phase('parents', async () => {
      await first.query(loadParents)
      await first.query(dropIndexes)
      await first.query(cutChunks, [rowsPerChunk])
    })
    await phase('load', () => loadChunks(clients, loadRange(version)))
    const { notUnique, primaryKey, clinic, definition } = indexes
    await phase('indexes', async () => {
      await share(clients, [notUnique, primaryKey, clinic, definition])
      await first.query(adoptPrimaryKey)
    })
    await phase('foreign keys', () => inTurn(first, addForeignKeys))
    await phase('analyze', () => first.query('analyze app.metric_values'))
    return phases
  })
}

async function withSessions(
  url: string,
  work: (clients: readonly pg.Client[], version: number) => Promise<Phases>,
): Promise<Phases> {
  const clients = Array.from({ length: sessions }, () => new pg.Client({ connectionString: url }))
  try {
    for (const client of clients) await client.connect()
    const { rows } = await clients[0]!.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    )
    return await work(clients, rows[0]!.version)
  } finally {
    for (const client of clients) await client.end()
  }
}

function stopwatch() {
  const phases: Record<string, number> = {}
  const phase = async (name: string, work: () => Promise<unknown>) => {
    const started = performance.now()
    await work()
    phases[name] = (performance.now() - started) / 1000
  }
  return { phase, phases }
}

/** Each chunk in a transaction of its own, taken by whoever is free. */
async function loadChunks(clients: readonly pg.Client[], load: string): Promise<void> {
  const { rows: chunks } = await clients[0]!.query<{ number: string; lower: string; upper: string }>(
    'select number, lower, upper from hand.chunk order by number',
  )
  const takesNumber = load.includes('$3')
  const inSession = async (client: pg.Client) => {
    for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
      await client.query(load, [chunk.lower, chunk.upper, ...(takesNumber ? [chunk.number] : [])])
    }
  }
  await Promise.all(clients.map(inSession))
}

/** Statements of which each goes to the session that is free first. */
async function share(clients: readonly pg.Client[], statements: readonly string[]): Promise<void> {
  const left = [...statements]
  const inSession = async (client: pg.Client) => {
    for (let statement = left.shift(); statement !== undefined; statement = left.shift()) await client.query(statement)
  }
  await Promise.all(clients.map(inSession))
}

async function inTurn(client: pg.Client, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.query(statement)
}
