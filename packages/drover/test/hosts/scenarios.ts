import assert from 'node:assert/strict'
import { connectTo } from '../support/connect.ts'
import type { Host } from './network.ts'
import type { Program } from './program.ts'
import { backendsOf, chunksByHost, resultOf, type Stage, until } from './stage.ts'

// What can become of hosts that work on one run. Each resolves to a few words with what it has measured.

/** The exit code of a run that has set rows aside, as this one does. */
const quarantined = 3

/** All of them share the run, and the target is that of one alone. */
export async function share(stage: Stage, hosts: readonly Host[], expected: unknown): Promise<string> {
  const { database } = stage
  // Nobody gets far before all are there.
  for (const host of hosts) await stage.linger(host, 0.5)
  const programs = hosts.map((host) => stage.worker(host))
  for (const host of hosts) await atWork(stage, host)
  for (const host of hosts) await stage.linger(host, 0)
  await ended(programs)
  assert.deepEqual(await resultOf(database), expected)
  const chunks = await chunksByHost(database)
  assert.deepEqual(Object.keys(chunks), hosts.map(({ name }) => name).toSorted())
  return Object.entries(chunks)
    .map(([name, count]) => `${name} ${count} chunks`)
    .join(', ')
}

/** In the midst of what a host is cut off. */
export type Moment = 'statement' | 'statement that ends meanwhile' | 'lock' | 'function'

/**
 * The first host is cut off in the midst of a chunk: the server notices, the second takes its chunks over, and the first
 * says so, comes back when the network does, and works on.
 */
export async function cutOff(
  stage: Stage,
  [first, second]: readonly [Host, Host],
  { moment, expected, mostMs }: { readonly moment: Moment; readonly expected: unknown; readonly mostMs: number },
): Promise<string> {
  const { database } = stage
  const holder = await interrupt(stage, first, moment)
  const programs = [stage.worker(first)]
  await until(`${first.name} is at it`, async () => {
    const backends = await backendsOf(database, first)
    return backends.length === 2 && backends.every(({ waiting, state }) => signs[moment](waiting ?? '', state))
  })
  await stage.linger(second, 0.5)
  programs.push(stage.worker(second))
  await until(`${second.name} is at work`, async () => (await backendsOf(database, second)).length > 0)
  const begun = await database.query<{ mapping: string; number: string }>(
    `select mapping, number from drover.chunk where state = 'open' and starts_with(worker, $1 || '.')`,
    [first.name],
  )
  assert.equal(begun.length, 2)
  first.cutOff()
  const noticedMs = await until('the server has noticed', async () => (await backendsOf(database, first)).length === 0)
  await holder?.release()
  const numbers = begun.map(({ number }) => number)
  const takenMs = await until('the chunks were taken over', async () => {
    const rows = await database.query(
      `select from drover.chunk where mapping = 'visits' and number = any ($1::bigint[]) and state = 'done' and starts_with(worker, $2 || '.')`,
      [numbers, second.name],
    )
    return rows.length === numbers.length
  })
  assert.ok(noticedMs <= mostMs, `it took the server ${seconds(noticedMs)} to notice, more than ${seconds(mostMs)}`)
  const saidMs = await until(`${first.name} says so`, async () => /has not answered/.test(programs[0]!.stderr()))
  await release(stage, first, moment)
  const [before] = await database.query(`select clock_timestamp()::text as at`)
  first.mend()
  const backMs = await until(`${first.name} is back`, async () => (await backendsOf(database, first)).length > 0)
  await stage.linger(second, 0)
  await ended(programs)
  assert.match(programs[0]!.stderr(), /answers again/)
  assert.deepEqual(await resultOf(database), expected)
  const [after] = await database.query<{ chunks: number }>(
    `select count(*)::int as chunks from drover.chunk where started_at > $1::timestamptz and starts_with(worker, $2 || '.')`,
    [before!.at, first.name],
  )
  assert.ok(after!.chunks > 0, `${first.name} has done nothing more`)
  const total = noticedMs + takenMs
  return `noticed after ${seconds(noticedMs)}, taken over after ${seconds(total)}; told ${seconds(total + saidMs)} after the cut, at work again ${seconds(backMs)} after its end, ${after!.chunks} chunks since`
}

/** By what the server shows that a host is in the midst of it. */
const signs: Readonly<Record<Moment, (waiting: string, state: string) => boolean>> = {
  statement: (waiting) => waiting === 'Timeout: PgSleep',
  'statement that ends meanwhile': (waiting) => waiting === 'Timeout: PgSleep',
  lock: (waiting) => waiting === 'Lock: relation',
  function: (waiting, state) => state === 'idle in transaction' && waiting === 'Client: ClientRead',
}

/** Makes sure that the host's next chunks stop at the moment. */
async function interrupt(
  stage: Stage,
  host: Host,
  moment: Moment,
): Promise<{ readonly release: () => Promise<unknown> } | undefined> {
  switch (moment) {
    case 'statement':
      await stage.linger(host, 600)
      return undefined
    case 'statement that ends meanwhile':
      await stage.linger(host, 3)
      return undefined
    case 'function':
      await stage.holdFunctions(host)
      return undefined
    case 'lock': {
      const holder = connectTo(stage.database.url)
      await holder.query('begin; lock table new.visits in share mode')
      return { release: () => holder.disconnect() }
    }
  }
}

/** Lets the host's next chunks pass. */
async function release(stage: Stage, host: Host, moment: Moment): Promise<void> {
  if (moment === 'function') await stage.releaseFunctions(host)
  else await stage.linger(host, 0)
}

/** Resolves once a worker of the host has a chunk of visits under way. */
function atWork({ database }: Stage, host: Host): Promise<number> {
  return until(`${host.name} is at work`, async () =>
    (await backendsOf(database, host)).some(({ waiting }) => waiting === 'Timeout: PgSleep'),
  )
}

/** All end as the run does. */
async function ended(programs: readonly Program[]): Promise<void> {
  for (const { ended } of programs) {
    const { exit, stderr } = await ended
    assert.equal(exit, quarantined, stderr)
  }
}

export const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
