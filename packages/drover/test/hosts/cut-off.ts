import assert from 'node:assert/strict'
import { endsAfterSeconds, holdTable, interrupt, isInterrupted, type Moment, release } from './moment.ts'
import type { Host } from './network.ts'
import { endAll, seconds } from './program.ts'
import { backendsOf, resultOf, type Stage, until } from './stage.ts'

/**
 * The first host is cut off in the midst of a chunk: the server notices, the second takes its chunks over, and the first
 * says so, comes back when the network does, and works on.
 */
export async function cutOff(
  stage: Stage,
  [first, second]: readonly [Host, Host, ...Host[]],
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
  await endAll(programs)
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
