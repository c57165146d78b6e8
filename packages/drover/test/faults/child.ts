import { openDatabase } from '../../src/db/pg.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { type RunOptions, run } from '../../src/run/run.ts'
import { openProxy } from '../support/proxy.ts'
import { faultyDatabase } from './faulty-database.ts'
import { type Fault, points } from './points.ts'
import { strike } from './strike.ts'
import { functions, planFor } from './subject.ts'

// A process that carries the subject out, with a pause on the way, while one fault strikes: node child.ts <url> [point
// fault]. It prints `struck` when the fault strikes, and exits with 0 if the run is loaded.

const [url, pointName, fault] = process.argv.slice(2) as [string, string?, Fault?]
const proxy = await openProxy(url)
const direct = await openDatabase(proxy.url, { connections: 4 })
const plan = await planFor(direct)
const point = points.find(({ name }) => name === pointName)
const db = point === undefined ? direct : faultyDatabase(direct, point, (tx) => strike(fault!, tx, proxy))
// A server that crashes may take the last chunks with it.
const asyncCommit = fault === 'restart'
const options: RunOptions = { allowed: hazardNames, functions, rowsPerChunk: 15, workers: 2, asyncCommit }

const pausing = new AbortController()
const paused = run(db, plan, { ...options, signal: pausing.signal })
void pauseAfter(3).catch(() => {})
if ((await paused).state !== 'loaded') await run(db, plan, { ...options, rowsPerChunk: 45 })
const { state } = await run(db, plan, options)
await direct.close()
await proxy.close()
process.exit(state === 'loaded' ? 0 : 1)

/** Asks for a pause when so many chunks are done. */
async function pauseAfter(chunks: number): Promise<void> {
  const watcher = await openDatabase(url, { connections: 1 })
  for (let done = 0; done < chunks; ) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    const [row] = await watcher
      .transaction((tx) => tx.query(`select count(*)::integer as n from drover.chunk where state = 'done'`))
      .catch(() => [])
    done = (row?.n as number | undefined) ?? 0
  }
  pausing.abort()
  await watcher.close()
}
