import type { Database } from '../../src/db/connection.ts'
import { openDatabase } from '../../src/db/pg.ts'
import { type LandOptions, type LandResult, land } from '../../src/landing/land.ts'
import type { LandingEvent } from '../../src/landing/progress.ts'
import { installLedger } from '../../src/ledger/install.ts'
import { faultyDatabase } from '../faults/faulty-database.ts'
import type { FaultPoint } from '../faults/points.ts'
import { withDatabase } from '../run/fixture.ts'
import type { TestDatabase } from '../support/connect.ts'
import { createDatabase } from '../support/postgres.ts'

export interface Pair {
  readonly source: TestDatabase
  readonly target: TestDatabase
}

/** A source and a target, each a database of its own, with a ledger in which nothing stands. */
export async function createPair(): Promise<Pair> {
  const pair = { source: await createDatabase(), target: await createDatabase() }
  await withDatabase(pair.target.url, (db) => db.transaction((tx) => installLedger(tx, 'test')))
  return pair
}

/** Leaves nothing of the test before: one pair of databases does for a file. */
export async function emptied({ source, target }: Pair): Promise<void> {
  for (const database of [source, target]) {
    await database.query(`drop schema if exists old, elder, other cascade; drop extension if exists citext`)
  }
  await target.query(
    `truncate drover.landing_generation, drover.landing, drover.landing_chunk, drover.landing_object restart identity`,
  )
}

/** What came of a landing, and all that was told meanwhile. */
export interface Landed extends LandResult {
  readonly events: readonly LandingEvent[]
}

/** Where an end is reached otherwise, as by way of a fault. */
export interface Ways {
  readonly toSource?: (db: Database) => Database
  readonly toTarget?: (db: Database) => Database
}

/** Lands the schema `old`, unless the options say otherwise. */
export async function landed(
  { source, target }: { readonly source: Pick<TestDatabase, 'url'>; readonly target: Pick<TestDatabase, 'url'> },
  { toSource = (db) => db, toTarget = (db) => db, ...options }: Partial<LandOptions> & Ways = {},
): Promise<Landed> {
  const events: LandingEvent[] = []
  const from = await openDatabase(source.url, { connections: 4 })
  const to = await openDatabase(target.url, { connections: 5 })
  try {
    const result = await land(toSource(from), toTarget(to), {
      selection: { schemas: ['old'], tables: [] },
      limits: { tries: 5, outageMs: 10_000 },
      ...options,
      onEvent(event) {
        events.push(event)
        options.onEvent?.(event)
      },
    })
    return { ...result, events }
  } finally {
    await from.close()
    await to.close()
  }
}

/** The tables of which such an event told, in its order. */
export function tablesTold(events: readonly LandingEvent[], kind: 'landed' | 'kept'): readonly string[] {
  return events.flatMap((event) => (event.kind === kind ? [event.table.name] : [])).toSorted()
}

/** Does something once, just before what has landed is looked at. */
export function beforeProof(work: () => Promise<unknown>): Ways {
  const point = {
    name: 'proof',
    transaction: 'land proof',
    moment: 'before',
    statement: 'count(*)',
  } as unknown as FaultPoint
  return {
    toTarget: (db) =>
      faultyDatabase(db, point, async () => {
        await work()
      }),
  }
}

/** All rows of a table as texts. */
export async function textsOf(database: TestDatabase, table: string): Promise<readonly string[]> {
  const rows = await database.query<{ row: string }>(`select t::text as row from ${table} as t`)
  return rows.map(({ row }) => row).toSorted()
}

/** A table of many blocks, each row of about a kilobyte. */
export const many = (table: string, rows: number) => `
  create table ${table} (id int primary key, filling text not null);
  insert into ${table} select i, repeat(md5(i::text), 30) from generate_series(1, ${rows}) as i;`
