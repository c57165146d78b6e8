import { beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/connection.ts'
import { readServer } from '../../src/monitor/server.ts'
import { decideMemory } from '../../src/run/memory.ts'
import { type RunOptions, run } from '../../src/run/run.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { allowed, fill, planFor, schema, withDatabase } from './fixture.ts'

/** Settings of a transaction as the server has them: memory in bytes. */
const ask = `select pg_size_bytes(current_setting('work_mem'))::int as "workMem",
  pg_size_bytes(current_setting('maintenance_work_mem'))::int as "maintenanceWorkMem",
  current_setting('max_parallel_maintenance_workers')::int as builders, current_setting('synchronous_commit') as commit`

const mb = 1024 ** 2

let template: TestDatabase

beforeAll(async () => {
  template = await createDatabase()
  await template.query(schema + fill(20, 300))
  await template.disconnect()
})

/** Runs the practice, and returns the settings of the transactions of each purpose. */
async function settingsSeen(options: RunOptions, ofDatabase: Readonly<Record<string, string>>) {
  const database = await createDatabase(template.name)
  for (const [name, value] of Object.entries(ofDatabase)) {
    await database.query(`alter database ${database.name} set ${name} = '${value}'`)
  }
  await database.disconnect()
  const seen = new Map<string, Set<string>>()
  const server = await withDatabase(database.url, async (db) => {
    const watched: Database = {
      ...db,
      transaction: (work, transactionOptions) =>
        db.transaction(async (tx) => {
          const purpose = transactionOptions?.name?.replace(/^run \d+ /, '')
          if (purpose !== undefined) {
            seen.set(purpose, (seen.get(purpose) ?? new Set()).add(JSON.stringify((await tx.query(ask))[0])))
          }
          return work(tx)
        }, transactionOptions),
    }
    await run(watched, await planFor(db), { allowed, rowsPerChunk: 100, ...options })
    return db.transaction(readServer)
  })
  const of = (purpose: string): readonly unknown[] => [...(seen.get(purpose) ?? [])].map((text) => JSON.parse(text))
  return { of, server, database }
}

describe('the settings of a transaction', () => {
  test('are memory for chunks, memory and builders for steps, by what the server has; all wait for the disk', async () => {
    const poor = { work_mem: '64kB', maintenance_work_mem: '1MB', max_parallel_maintenance_workers: '1' }
    const { of, server, database } = await settingsSeen({ workers: 2 }, poor)
    const memory = decideMemory(server.memory, 2)
    expect(memory.workMemBytes).toBeGreaterThan(mb)
    const { workMemBytes: workMem, maintenanceWorkMemBytes: maintenanceWorkMem } = memory
    expect(of('start')).toEqual([{ workMem: mb / 16, maintenanceWorkMem: mb, builders: 1, commit: 'on' }])
    expect(of('chunk')).toEqual([{ workMem, maintenanceWorkMem: mb, builders: 1, commit: 'on' }])
    const builders = memory.parallelMaintenanceWorkers
    expect(of('step')).toEqual([{ workMem, maintenanceWorkMem, builders, commit: 'on' }])
    expect(await database.query(`select settings -> 'working' as working from drover.run`)).toEqual([
      { working: { workers: 2, ...memory, asyncCommit: false, mostBytesPerChunk: 256 * mb } },
    ])
  })

  test('are those that are wished for; chunks are confirmed at once where that is allowed, and nothing else is', async () => {
    const memory = { workMem: '3MB', maintenanceWorkMem: '70MB' } as const
    const { of } = await settingsSeen({ workers: 2, asyncCommit: true, memory }, {})
    expect(of('chunk')).toMatchObject([{ workMem: 3 * mb, commit: 'off' }])
    expect(of('step')).toMatchObject([{ workMem: 3 * mb, maintenanceWorkMem: 70 * mb, commit: 'on' }])
    expect(of('finish')).toMatchObject([{ commit: 'on' }])
  })

  test('wait for the disk where a mapping or the run ends, whatever the server does by itself', async () => {
    const { of } = await settingsSeen({}, { synchronous_commit: 'off' })
    expect(of('chunk')).toMatchObject([{ commit: 'off' }])
    expect(of('step')).toMatchObject([{ commit: 'on' }])
    expect(of('finish')).toMatchObject([{ commit: 'on' }])
  })
})
