import { afterAll, beforeAll, describe, test } from 'vitest'
import { cutOff } from './cut-off.ts'
import { type Host, makeNetwork, type Network, whyNoHosts } from './network.ts'
import { type HostServer, startHostServer } from './server.ts'
import { share } from './share.ts'
import { resultAlone, type Stage, setStage } from './stage.ts'

// A sample of what npm run test:hosts tries.

const reason = whyNoHosts()
if (reason !== undefined) console.log(`Skipped: hosts of their own; ${reason}.`)

/** As short as it may be, in milliseconds. */
const silenceMs = 2_000

describe.skipIf(reason !== undefined)('hosts with addresses of their own', () => {
  let network: Network
  let server: HostServer
  let expected: unknown
  const hosts = () => network.hosts as readonly [Host, Host]

  const onStage = async (use: (stage: Stage) => Promise<string>) => {
    const database = await server.create()
    const stage = await setStage({ database, url: server.urlFor(database), limits: { silenceMs } })
    try {
      console.log(`Hosts: ${await use(stage)}.`)
    } finally {
      for (const host of network.hosts) host.mend()
      await stage.close()
      await database.drop()
    }
  }

  beforeAll(async () => {
    network = makeNetwork(2)
    server = await startHostServer(network)
    const database = await server.create()
    expected = await resultAlone(database)
    await database.drop()
  })

  afterAll(async () => {
    await server?.stop()
    await network?.close()
  })

  const longestMs = 120_000

  test('share a run', () => onStage((stage) => share(stage, hosts(), expected)), longestMs)

  // By itself the system would try for a quarter of an hour, and without an answer under way begin after two hours.
  test(
    'are noticed by the server when they are cut off in the midst of a chunk; another does it, once',
    () => onStage((stage) => cutOff(stage, hosts(), { moment: 'statement', expected, mostMs: 5 * silenceMs })),
    longestMs,
  )
})
