import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { Host } from './network.ts'
import { endAll } from './program.ts'
import { isAtWork } from './share.ts'
import { resultOf, type Stage } from './stage.ts'

/** What makes programs see another time of day, as Debian installs it, or where `DROVER_LIBFAKETIME` says. */
export const fakeTime = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .concat(process.env.DROVER_LIBFAKETIME ?? [])
  .find((file) => existsSync(file))

/** Clocks of the hosts that differ from the server's by hours: nothing in the ledger is by them. */
export async function keepTime(
  stage: Stage,
  [first, second]: readonly [Host, Host, ...Host[]],
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
  await endAll(programs)
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
    programs.map(async ({ ended }) => /after ([\d.]+ s)\./.exec((await ended).stdout)?.[1]),
  )
  assert.ok(
    took.every((each) => each !== undefined),
    'a result tells no duration',
  )
  return `${times} times in the ledger, none by the hosts' clocks; both say that it took ${took[0]}`
}
