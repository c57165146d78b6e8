import { existsSync } from 'node:fs'
import { pgbouncer } from '../support/pgbouncer.ts'
import { makeNetwork, whyNoHosts } from './network.ts'
import {
  comeLate,
  cutOff,
  hearNothing,
  keepTime,
  loseAnswers,
  type Moment,
  refuseOthers,
  seconds,
  share,
  takeLong,
} from './scenarios.ts'
import { startHostServer } from './server.ts'
import { resultAlone, type Stage, setStage } from './stage.ts'

// Hosts that work on one run: npm run test:hosts [-- words that the name of a case must hold]. Ends with `N passed, N failed`.

const reason = whyNoHosts()
if (reason !== undefined) {
  console.log(`Skipped: ${reason}.\n0 passed, 0 failed`)
  process.exit(0)
}

/** As short as it may be in a test, in milliseconds. */
const silenceMs = 4_000

/** What makes programs see another time of day, as Debian installs it. */
const library = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .concat(process.env.DROVER_LIBFAKETIME ?? [])
  .find((file) => existsSync(file))

const words = process.argv.slice(2)
const network = makeNetwork(4)
const server = await startHostServer(network)
let passed = 0
const failures: string[] = []
const hosts = network.hosts as readonly [(typeof network.hosts)[0], (typeof network.hosts)[0]]

interface Way {
  readonly name: string
  readonly isPooled: boolean
}
const ways: readonly Way[] = [
  { name: 'direct', isPooled: false },
  ...(pgbouncer === undefined ? [] : [{ name: 'through PgBouncer', isPooled: true }]),
]

async function onStage<T>(way: Way, use: (stage: Stage) => Promise<T>, limits: object = { silenceMs }): Promise<T> {
  const database = await server.create()
  const pooler = way.isPooled ? await server.pool(database, silenceMs) : undefined
  const url = pooler?.url ?? server.urlFor(database)
  const stage = await setStage({ database, url, limits })
  try {
    return await use(stage)
  } finally {
    for (const host of network.hosts) host.mend()
    await stage.close()
    await pooler?.stop()
    await database.drop()
  }
}

const alone = await server.create()
const expected = await resultAlone(alone)
await alone.drop()
for (const way of ways) {
  for (const count of [2, 4]) {
    await check(`${count} hosts`, way.name, () =>
      onStage(way, (stage) => share(stage, network.hosts.slice(0, count), expected)),
    )
  }
  for (const moment of ['statement', 'statement that ends meanwhile', 'lock', 'function'] satisfies Moment[]) {
    await check(`cut off in the midst of a ${moment}`, way.name, () =>
      onStage(way, (stage) => cutOff(stage, hosts, { moment, expected, mostMs: 1.6 * silenceMs })),
    )
  }
  const withUrl = (use: (url: string) => Promise<string>) => async () => {
    const database = await server.create()
    const pooler = way.isPooled ? await server.pool(database, silenceMs) : undefined
    return use(pooler?.url ?? server.urlFor(database)).finally(async () => {
      await pooler?.stop()
      await database.drop()
    })
  }
  for (const when of ['before', 'while'] as const) {
    await check(
      `asks ${when} it is cut off`,
      way.name,
      withUrl((url) => hearNothing(hosts[0], url, { when, silenceMs })),
    )
  }
  await check(
    'an answer that takes long',
    way.name,
    withUrl((url) => takeLong(hosts[0], url, silenceMs)),
  )
  for (const moment of ['statement', 'function'] satisfies Moment[]) {
    await check(`late after a ${moment}`, way.name, () =>
      onStage(way, (stage) => comeLate(stage, hosts, { moment, expected })),
    )
  }
  await check('answers to commits lost', way.name, () =>
    onStage(way, (stage) => loseAnswers(stage, hosts, { withhold: server.withholdCommits, expected })),
  )
  await check('an older drover', way.name, () => onStage(way, (stage) => refuseOthers(stage, hosts)))
  if (library === undefined)
    console.log('Skipped: clocks that differ; libfaketime is not installed (apt-get install faketime).')
  else {
    await check('clocks that differ', way.name, () =>
      onStage(way, (stage) => keepTime(stage, hosts, { library, expected })),
    )
  }
}
// By what drover sets unless it is told otherwise.
await check('cut off in the midst of a statement, by default', 'direct', () =>
  onStage(ways[0]!, (stage) => cutOff(stage, hosts, { moment: 'statement', expected, mostMs: 30_000 }), {}),
)
await server.stop()
await network.close()
for (const failure of failures) console.log(`\n${failure}`)
console.log(`${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1

async function check(name: string, way: string, run: () => Promise<string>): Promise<void> {
  const whole = `${name}, ${way}`
  if (!words.every((word) => whole.includes(word))) return
  const startedAt = performance.now()
  try {
    const told = await run()
    passed++
    console.log(`✓ ${whole}: ${told} (${seconds(performance.now() - startedAt)})`)
  } catch (thrown) {
    failures.push(`${whole}: ${thrown instanceof Error ? thrown.stack : thrown}`)
    console.log(`✗ ${whole}: ${thrown instanceof Error ? thrown.message.slice(0, 2000) : thrown}`)
  }
}
