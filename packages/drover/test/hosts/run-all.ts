import type { TestDatabase } from '../support/connect.ts'
import { pgbouncer } from '../support/pgbouncer.ts'
import { hearNothing, takeLong } from './ask.ts'
import { comeLate, loseAnswers } from './come-late.ts'
import { cutOff } from './cut-off.ts'
import type { Moment } from './moment.ts'
import { type Host, makeNetwork, whyNoHosts } from './network.ts'
import { fakeTime, keepTime } from './other-clocks.ts'
import { refuseOthers } from './other-versions.ts'
import { seconds } from './program.ts'
import { startHostServer } from './server.ts'
import { share } from './share.ts'
import { resultAlone, type Stage, setStage } from './stage.ts'

// Hosts that work on one run: npm run test:hosts [-- words that the name of a case must hold]. Ends with `N passed, N
// failed`.

const reason = whyNoHosts()
if (reason !== undefined) {
  console.log(`Skipped: ${reason}.\n0 passed, 0 failed`)
  process.exit(0)
}
if (pgbouncer === undefined) console.log('Skipped: PgBouncer is not installed (apt-get install pgbouncer).')
if (fakeTime === undefined) {
  console.log('Skipped: other clocks; libfaketime is not installed (apt-get install faketime).')
}

/** Short, so that the cases do not take long, in milliseconds. */
const silenceMs = 4_000

const words = process.argv.slice(2)
const network = makeNetwork(4)
const hosts = network.hosts as readonly [Host, Host, Host, Host]
const server = await startHostServer(network)
const alone = await server.create()
const expected = await resultAlone(alone)
await alone.drop()
let passed = 0
const failures: string[] = []

/** How hosts reach the server. */
interface Way {
  readonly name: string
  open(database: TestDatabase): Promise<{ readonly url: string; readonly stop: () => Promise<void> }>
}

const direct: Way = {
  name: 'direct',
  open: async (database) => ({ url: server.urlFor(database), stop: async () => {} }),
}
const pooled: Way = { name: 'through PgBouncer', open: (database) => server.pool(database, silenceMs) }
const blindlyPooled: Way = {
  name: 'through a PgBouncer that does not look',
  open: (database) => server.pool(database, undefined),
}

for (const way of pgbouncer === undefined ? [direct] : [direct, pooled]) {
  for (const count of [2, 4]) {
    await check(`${count} hosts`, way, (url, database) =>
      onStage(url, database, (stage) => share(stage, hosts.slice(0, count), expected)),
    )
  }
  for (const moment of ['statement', 'statement that ends meanwhile', 'lock', 'function'] satisfies Moment[]) {
    await check(`cut off in the midst of a ${moment}`, way, (url, database) =>
      onStage(url, database, (stage) => cutOff(stage, hosts, { moment, expected, mostMs: 1.6 * silenceMs })),
    )
  }
  for (const when of ['before', 'while'] as const) {
    await check(`asks ${when} it is cut off`, way, (url) => hearNothing(hosts[0], url, { when, silenceMs }))
  }
  await check('an answer that takes long', way, (url) => takeLong(hosts[0], url, silenceMs))
  for (const moment of ['statement', 'function'] satisfies Moment[]) {
    await check(`late after a ${moment}`, way, (url, database) =>
      onStage(url, database, (stage) => comeLate(stage, hosts, { moment, expected })),
    )
  }
  await check('answers to commits lost', way, (url, database) =>
    onStage(url, database, (stage) => loseAnswers(stage, hosts, { withhold: server.withholdCommits, expected })),
  )
  await check('another drover', way, (url, database) => onStage(url, database, (stage) => refuseOthers(stage, hosts)))
  const library = fakeTime
  if (library !== undefined) {
    await check('other clocks', way, (url, database) =>
      onStage(url, database, (stage) => keepTime(stage, hosts, { library, expected })),
    )
  }
}
if (pgbouncer !== undefined) {
  // What is left then is how long a transaction may stand still.
  await check('cut off in the midst of a statement that ends meanwhile', blindlyPooled, (url, database) => {
    const moment = 'statement that ends meanwhile'
    const limits = { silenceMs, idleMs: 5_000 }
    return onStage(url, database, (stage) => cutOff(stage, hosts, { moment, expected, mostMs: 8_000 }), limits)
  })
}
await check('cut off in the midst of a statement, by default', direct, (url, database) =>
  onStage(url, database, (stage) => cutOff(stage, hosts, { moment: 'statement', expected, mostMs: 30_000 }), {}),
)
await server.stop()
await network.close()
for (const failure of failures) console.log(`\n${failure}`)
console.log(`${passed} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1

async function onStage(
  url: string,
  database: TestDatabase,
  use: (stage: Stage) => Promise<string>,
  limits: object = { silenceMs },
): Promise<string> {
  const stage = await setStage({ database, url, limits })
  try {
    return await use(stage)
  } finally {
    for (const host of hosts) host.mend()
    await stage.close()
  }
}

async function check(name: string, way: Way, run: (url: string, database: TestDatabase) => Promise<string>) {
  const whole = `${name}, ${way.name}`
  if (!words.every((word) => whole.includes(word))) return
  const startedAt = performance.now()
  const database = await server.create()
  const { url, stop } = await way.open(database)
  try {
    const told = await run(url, database)
    passed++
    console.log(`✓ ${whole}: ${told} (${seconds(performance.now() - startedAt)})`)
  } catch (thrown) {
    failures.push(`${whole}: ${thrown instanceof Error ? thrown.stack : thrown}`)
    console.log(`✗ ${whole}: ${thrown instanceof Error ? thrown.message.slice(0, 2000) : thrown}`)
  } finally {
    await stop()
    await database.drop()
  }
}
