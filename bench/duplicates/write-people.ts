import type { Database } from '../../packages/drover/src/db/connection.ts'
import { generatePeople, type PersonRow } from './people.ts'

/** Rows of one insert. */
const batchRows = 10_000

/** The generated people as table `people.person`, without the truth about them. */
export async function writePeople(db: Database, rows: number, seed: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('create schema people')
    await tx.query('create table people.person (id text primary key, name text, city text, email text)')
    let batch: PersonRow[] = []
    const flush = async () => {
      const columns = (['id', 'name', 'city', 'email'] as const).map((name) => batch.map((row) => row[name]))
      await tx.query(
        'insert into people.person select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])',
        columns,
      )
      batch = []
    }
    for (const row of generatePeople(rows, seed)) {
      batch.push(row)
      if (batch.length === batchRows) await flush()
    }
    await flush()
  })
  await db.transaction((tx) => tx.query('analyze people.person'))
}
