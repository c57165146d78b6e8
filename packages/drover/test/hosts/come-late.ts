import assert from 'node:assert/strict'
import { holdTable, interrupt, isInterrupted, type Moment, release } from './moment.ts'
import type { Host } from './network.ts'
import { endAll, seconds } from './program.ts'
import { backendsOf, chunksByHost, resultOf, type Stage, until } from './stage.ts'

/** The first host is cut off, and comes back when the run is over. */
export async function comeLate(
  stage: Stage,
  [first, second]: readonly [Host, Host, ...Host[]],
  { moment, expected }: { readonly moment: Moment; readonly expected: unknown },
): Promise<string> {
  const { database } = stage
  await interrupt(stage, first, moment)
  const late = stage.worker(first)
  await isInterrupted(stage, first, moment)
  first.cutOff()
  await endAll([stage.worker(second)])
  assert.deepEqual(await resultOf(database), expected)
  first.mend()
  await release(stage, first, moment)
  const startedAt = performance.now()
  await endAll([late])
  assert.match((await late.ended).stdout, /Run 1 of hosts is loaded/)
  assert.deepEqual(await resultOf(database), expected)
  const chunks = await chunksByHost(database)
  assert.ok((chunks[second.name] ?? 0) > 40)
  return `ended ${seconds(performance.now() - startedAt)} after the end of the cut, ${JSON.stringify(chunks)}`
}

/**
 * The server carries the commits of the first host out, and the host does not learn of it: it reads the ledger again, and
 * its chunks are done once. `withhold` lets commits wait, or no more.
 */
export async function loseAnswers(
  stage: Stage,
  [first, second]: readonly [Host, Host, ...Host[]],
  { withhold, expected }: { readonly withhold: (withheld: boolean) => Promise<void>; readonly expected: unknown },
): Promise<string> {
  const { database } = stage
  await stage.linger(first, 1)
  const programs = [stage.worker(first)]
  await isInterrupted(stage, first, 'statement')
  await withhold(true)
  try {
    await until(`${first.name} commits`, async () => {
      const backends = await backendsOf(database, first)
      return backends.length === 2 && backends.every(({ waiting }) => waiting === 'IPC: SyncRep')
    })
    first.deafen()
  } finally {
    await withhold(false)
  }
  const done = () =>
    database.query<{ number: string }>(
      `select number from drover.chunk where mapping = 'visits' and state = 'done' and starts_with(worker, $1 || '.') order by number`,
      [first.name],
    )
  await until('the commits are through', async () => (await backendsOf(database, first)).length === 0)
  const committed = await done()
  assert.ok(committed.length >= 2)
  const letters = await holdTable(stage, 'new.letters')
  programs.push(stage.worker(second))
  const saidMs = await until(`${first.name} says so`, async () => /has not answered/.test(programs[0]!.stderr()))
  await stage.linger(first, 0)
  first.mend()
  const backMs = await until(`${first.name} is back`, async () => (await backendsOf(database, first)).length > 0)
  await letters.disconnect()
  await endAll(programs)
  assert.deepEqual(await resultOf(database), expected)
  const twice = await database.query('select from drover.chunk where attempts > 1')
  assert.equal(twice.length, 0, 'a chunk was begun twice')
  return `${committed.length} commits unknown to ${first.name}; told after ${seconds(saidMs)}, at work again ${seconds(backMs)} after the end of the cut`
}
