/**
 * One run of the reference migration at scale M, shared by three processes of which one after another is killed:
 *
 *     npm run test:kills [-- number of kills]
 *
 * Compares the target and the ledger with those of an undisturbed run, and every row with the manifest. Ends with
 * `N passed, N failed`.
 */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { startEmbedded } from 'drover/embedded'
import pg from 'pg'
import { connectTo, type TestDatabase } from '../../../packages/drover/test/support/connect.ts'
import { compareWithManifest } from '../compare.ts'
import { createSchemas } from '../database.ts'
import { generate } from '../generator/index.ts'
import { allow, drover, ended, startDrover } from './command.ts'
import { outcomeOf } from './outcome.ts'

const wantedKills = Number(process.argv[2] ?? 100)
const processes = 3
const command = ['run', 'migration.ts', ...allow, '--workers', '1', '--chunk-rows', '5000']

const server = await startEmbedded({ fsync: false, settings: { shared_buffers: '512MB', max_connections: '50' } })
const legacy = await timed('A legacy database with 1,000,000 metric values', () => prepare('legacy'))
const undisturbed = await timed('An undisturbed run', async () => {
  const database = await copyOf('legacy', 'undisturbed')
  const result = await drover(database, ...command)
  if (result.code !== 3) throw new Error(`It ended with ${result.code}: ${result.stderr}`)
  return database
})
const expected = await outcomeOf(undisturbed)
await undisturbed.disconnect()

const killed = await copyOf('legacy', 'killed')
const kills = await timed(`A run with ${wantedKills} kills`, () => runWithKills(killed))
const findings: readonly (readonly [what: string, holds: boolean])[] = [
  [`${kills} processes were killed`, kills === wantedKills],
  ['the target and the ledger are those of an undisturbed run', isDeepStrictEqual(await outcomeOf(killed), expected)],
  ['every row has the outcome that the manifest names', (await differences(killed)).length === 0],
  ['verification passes', (await drover(killed, 'verify')).code === 0],
]
await killed.disconnect()
await server.stop()

for (const [what, holds] of findings) console.log(`${holds ? '✓' : '✗'} ${what}`)
const failed = findings.filter(([, holds]) => !holds).length
console.log(`${findings.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

/** Kills processes that work on the run, each time another one at random, and lets the rest of them finish. */
async function runWithKills(database: TestDatabase): Promise<number> {
  const alive = new Map<ChildProcess, ReturnType<typeof ended>>()
  let isLoaded = false
  const start = () => {
    const child = startDrover(database, ...command)
    const end = ended(child).then((result) => {
      alive.delete(child)
      isLoaded ||= result.code === 3
      if (result.code !== 3 && child.signalCode !== 'SIGKILL') throw new Error(result.stderr)
      return result
    })
    alive.set(child, end)
  }
  for (let kills = 0; ; ) {
    while (alive.size < processes && !isLoaded) start()
    if (kills === wantedKills || isLoaded) {
      await Promise.all(alive.values())
      return kills
    }
    await Promise.race([sleep(500 + Math.random() * 2_500), ...alive.values()])
    const [victim, end] = [...alive][Math.floor(Math.random() * alive.size)] ?? []
    if (victim?.kill('SIGKILL')) kills++
    await end
  }
}

async function prepare(name: string) {
  await onServer(`create database ${name}`)
  const client = new pg.Client({ connectionString: server.urlFor(name) })
  await client.connect()
  await createSchemas(client)
  const manifest = await generate(async (text) => (await client.query(text)).rows ?? [], {
    scale: 'm',
    seed: 1,
    foreignKeys: 'loose',
  })
  await client.end()
  return manifest
}

function differences(database: TestDatabase): Promise<readonly string[]> {
  return compareWithManifest((text, values) => database.query(text, values), legacy)
}

async function copyOf(template: string, name: string): Promise<TestDatabase> {
  await onServer(`create database ${name} template ${template}`)
  return connectTo(server.urlFor(name))
}

async function onServer(statement: string): Promise<void> {
  const database = connectTo(server.url)
  await database.query(statement)
  await database.disconnect()
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  const result = await work()
  console.log(`${what}: ${((performance.now() - started) / 1000).toFixed(0)} s`)
  return result
}
