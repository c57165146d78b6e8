import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connectTo, type TestDatabase } from '../support/connect.ts'
import type { Host } from './network.ts'
import { type Program, startProgram } from './program.ts'
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
  for (const host of hosts) await isAtWork(stage, host)
  for (const host of hosts) await stage.linger(host, 0)
  await ended(programs)
  assert.deepEqual(await resultOf(database), expected)
  const chunks = await chunksByHost(database)
  assert.deepEqual(Object.keys(chunks), hosts.map(({ name }) => name).toSorted())
  return Object.entries(chunks)
    .map(([name, count]) => `${name} ${count} chunks`)
    .join(', ')
}

/** How long a statement takes that ends while its host is cut off. */
const endsAfterSeconds = 3

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
  // When all visits are there, what is left waits until both hosts are.
  const letters = await holdTable(stage, 'new.letters')
  const held = await interrupt(stage, first, moment)
  const programs = [stage.worker(first)]
  await isInterrupted(stage, first, moment)
  await stage.linger(second, 0.1)
  programs.push(stage.worker(second))
  await until(`${second.name} is at work`, async () => (await backendsOf(database, second)).length > 0)
  const begun = await database.query<{ mapping: string; number: string }>(
    `select mapping, number from drover.chunk where state = 'open' and starts_with(worker, $1 || '.')`,
    [first.name],
  )
  assert.equal(begun.length, 2)
  first.cutOff()
  const noticedMs = await until('the server has noticed', async () => (await backendsOf(database, first)).length === 0)
  await held?.disconnect()
  const numbers = begun.map(({ number }) => number)
  const takenMs = await until('the chunks were taken over', async () => {
    const rows = await database.query(
      `select from drover.chunk where mapping = 'visits' and number = any ($1::bigint[]) and state = 'done' and starts_with(worker, $2 || '.')`,
      [numbers, second.name],
    )
    return rows.length === numbers.length
  })
  // An answer that nobody confirms is given its own time.
  const boundMs = mostMs + (moment === 'statement that ends meanwhile' ? endsAfterSeconds * 1_000 : 0)
  assert.ok(noticedMs <= boundMs, `it took the server ${seconds(noticedMs)} to notice, more than ${seconds(boundMs)}`)
  const saidMs = await until(`${first.name} says so`, async () => /has not answered/.test(programs[0]!.stderr()))
  await release(stage, first, moment)
  const [before] = await database.query(`select clock_timestamp()::text as at`)
  first.mend()
  const backMs = await until(`${first.name} is back`, async () =>
    (await backendsOf(database, first)).some(({ waiting }) => waiting === 'Lock: relation'),
  )
  await letters.disconnect()
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

/** The first host is cut off, and comes back when the run is over. */
export async function comeLate(
  stage: Stage,
  [first, second]: readonly [Host, Host],
  { moment, expected }: { readonly moment: Moment; readonly expected: unknown },
): Promise<string> {
  const { database } = stage
  await interrupt(stage, first, moment)
  const late = stage.worker(first)
  await isInterrupted(stage, first, moment)
  first.cutOff()
  await ended([stage.worker(second)])
  assert.deepEqual(await resultOf(database), expected)
  first.mend()
  await release(stage, first, moment)
  const startedAt = performance.now()
  await ended([late])
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
  [first, second]: readonly [Host, Host],
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
  await ended(programs)
  assert.deepEqual(await resultOf(database), expected)
  const twice = await database.query('select from drover.chunk where attempts > 1')
  assert.equal(twice.length, 0, 'a chunk was begun twice')
  return `${committed.length} commits unknown to ${first.name}; told after ${seconds(saidMs)}, at work again ${seconds(backMs)} after the end of the cut`
}

/**
 * A program on a host asks something of the server while it is cut off, or before: it is told that the connection is lost,
 * and does not wait for the quarter of an hour that the system would try.
 */
export async function hearNothing(
  host: Host,
  url: string,
  { when, silenceMs }: { readonly when: 'before' | 'while'; readonly silenceMs: number },
): Promise<string> {
  const file = fileURLToPath(new URL('./ask-in-child.ts', import.meta.url))
  const program = startProgram(host, [String(silenceMs), '600'], { DATABASE_URL: url }, file)
  try {
    await until('it is ready', async () => program.stdout().includes('ready'))
    if (when === 'before') {
      program.send('ask')
      await until('it has asked', async () => program.stdout().includes('asked'))
      await sleep(500)
    }
    host.cutOff()
    const cutAtMs = performance.now()
    if (when === 'while') program.send('ask')
    const { stdout, stderr } = await program.ended
    const ms = performance.now() - cutAtMs
    const { code, why } = JSON.parse(stdout.trimEnd().split('\n').at(-1) || '{}')
    assert.equal(code, 'connection-lost', stderr)
    assert.equal(why, 'the server does not answer any more')
    assert.ok(ms < 1.6 * silenceMs, `it took ${seconds(ms)}`)
    return `told after ${seconds(ms)}`
  } finally {
    program.kill()
    host.mend()
  }
}

/**
 * A server that takes longer to answer than the network may be silent is not taken for one that has vanished, on either
 * side.
 */
export async function takeLong(host: Host, url: string, silenceMs: number): Promise<string> {
  const file = fileURLToPath(new URL('./ask-in-child.ts', import.meta.url))
  const program = startProgram(
    host,
    [String(silenceMs), String((2.5 * silenceMs) / 1_000)],
    { DATABASE_URL: url },
    file,
  )
  program.send('ask')
  const { stdout, stderr } = await program.ended
  assert.match(stdout, /answered/, stderr)
  return `answered after ${seconds(2.5 * silenceMs)}`
}

/** Clocks of the hosts that differ from the server's by hours: nothing in the ledger is by them. */
export async function keepTime(
  stage: Stage,
  [first, second]: readonly [Host, Host],
  { library, expected }: { readonly library: string; readonly expected: unknown },
): Promise<string> {
  const { database } = stage
  const clock = (offset: string) => ({ LD_PRELOAD: library, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' })
  const [before] = await database.query('select clock_timestamp()::text as at')
  await stage.linger(first, 0.5)
  await stage.linger(second, 0.5)
  const programs = [stage.worker(first, clock('+5h')), stage.worker(second, clock('-7d'))]
  await isAtWork(stage, first)
  await isAtWork(stage, second)
  const status = await stage.drover(first, ['status', '--run', '1', '--json'], clock('+5h')).ended
  const [shown] = JSON.parse(status.stdout).runs
  const leastMs: number | undefined = shown.activity?.outstanding?.estimate?.leastMs
  assert.ok(leastMs === undefined || (leastMs >= 0 && leastMs < 600_000), `estimated: ${leastMs} ms`)
  await stage.linger(first, 0)
  await stage.linger(second, 0)
  await ended(programs)
  assert.deepEqual(await resultOf(database), expected)
  const verified = await stage.drover(second, ['verify', '--run', '1'], clock('-7d')).ended
  assert.match(verified.stdout, /^Run 1: pass/, verified.stderr)
  // Every time of the ledger lies between the beginning and now, by the server's clock.
  const columns = await database.query<{ table: string; column: string }>(`
    select format('%I.%I', table_schema, table_name) as table, format('%I', column_name) as column
    from information_schema.columns
    where table_schema = 'drover' and data_type = 'timestamp with time zone'`)
  let times = 0
  for (const { table, column } of columns) {
    const [row] = await database.query<{ all: number; odd: number }>(
      `select count(${column})::int as all,
  count(*) filter (where ${column} < $1::timestamptz - interval '1 minute' or ${column} > clock_timestamp())::int as odd
from ${table}`,
      [before!.at],
    )
    assert.equal(row!.odd, 0, `${table}.${column} holds times of another clock`)
    times += row!.all
  }
  const took = await Promise.all(
    programs.map(async ({ ended }) => /after ([^.]+ s|\d+ ms)\./.exec((await ended).stdout)?.[1]),
  )
  assert.ok(
    took.every((each) => each !== undefined),
    'a result tells no duration',
  )
  return `${times} times in the ledger, none by the hosts' clocks; both say that it took ${took[0]}`
}

/** A ledger of a newer drover, and a run that another one carries out: refused, and nothing is changed. */
export async function refuseOthers(stage: Stage, [host]: readonly Host[]): Promise<string> {
  const { database } = stage
  const refused = async (code: string, said: RegExp) => {
    const { exit, stdout, stderr } = await stage.worker(host!).ended
    assert.equal(exit, 1, stderr)
    assert.equal(stdout, '')
    const [first] = stderr.split('\n')
    assert.match(first!, said)
    assert.ok(first!.includes(`[${code}]`), stderr)
    assert.match(stderr, /remedy: Use /)
    return first!
  }
  await database.query(`update drover.run set settings = settings || '{"drover": "9.9.9"}'`)
  const other = await refused('version-differs', /^Run 1 is carried out by drover 9[.]9[.]9; this is drover /)
  await database.query(`insert into drover.ledger_version (version, drover) values (999, '9.9.9')`)
  const newer = await refused('ledger-newer', /^The ledger has version 999; this drover knows up to /)
  const begun = await database.query('select from drover.chunk')
  assert.equal(begun.length, 0)
  return `"${other}" "${newer}"`
}

/** By what the server shows that a host is in the midst of it. */
const signs: Readonly<Record<Moment, (waiting: string, state: string) => boolean>> = {
  statement: (waiting) => waiting === 'Timeout: PgSleep',
  'statement that ends meanwhile': (waiting) => waiting === 'Timeout: PgSleep',
  lock: (waiting) => waiting === 'Lock: relation',
  function: (waiting, state) => state === 'idle in transaction' && waiting === 'Client: ClientRead',
}

/** Makes sure that the host's next chunks stop at the moment. */
async function interrupt(stage: Stage, host: Host, moment: Moment): Promise<TestDatabase | undefined> {
  switch (moment) {
    case 'statement':
      await stage.linger(host, 600)
      return undefined
    case 'statement that ends meanwhile':
      await stage.linger(host, endsAfterSeconds)
      return undefined
    case 'function':
      await stage.holdFunctions(host)
      return undefined
    case 'lock':
      return holdTable(stage, 'new.visits')
  }
}

/** Lets nobody write to a table as long as the connection lasts. */
async function holdTable({ database }: Stage, table: string): Promise<TestDatabase> {
  const holder = connectTo(database.url)
  await holder.query(`begin; lock table ${table} in share mode`)
  return holder
}

/** Resolves once both workers of the host are in the midst of it. */
function isInterrupted({ database }: Stage, host: Host, moment: Moment): Promise<number> {
  return until(`${host.name} is in the midst of a ${moment}`, async () => {
    const backends = await backendsOf(database, host)
    return backends.length === 2 && backends.every(({ waiting, state }) => signs[moment](waiting ?? '', state))
  })
}

/** Lets the host's next chunks pass. */
async function release(stage: Stage, host: Host, moment: Moment): Promise<void> {
  if (moment === 'function') await stage.releaseFunctions(host)
  else await stage.linger(host, 0)
}

/** Resolves once a worker of the host has a chunk of visits under way. */
function isAtWork({ database }: Stage, host: Host): Promise<number> {
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
