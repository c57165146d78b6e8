/**
 * Checks the reference migration at scale M, then runs it:
 *
 *     npm run test:check
 *
 * What was foreseen must be what the run did and what the manifest says, code by code. Tells how long the check took, and
 * ends with `N passed, N failed`.
 */
import { startEmbedded } from 'drover/embedded'
import pg from 'pg'
import { connectTo } from '../../../packages/drover/test/support/connect.ts'
import { createSchemas } from '../database.ts'
import { generate } from '../generator/index.ts'
import { allow, drover } from './command.ts'
import { checkReference, compareForeseen, gapsOf } from './foreseen.ts'

/** What is made of a million loaded values is not foreseen: that would take longer than all the rest. */
const tooMany = 'metric_aggregations: Its rows, which are derived from many that would be loaded.'

const server = await startEmbedded({ fsync: false, settings: { shared_buffers: '512MB', max_connections: '50' } })
const client = new pg.Client({ connectionString: server.url })
await client.connect()
const manifest = await timed('A legacy database with 1,000,000 metric values', async () => {
  await createSchemas(client)
  return generate(async (text) => (await client.query(text)).rows ?? [], { scale: 'm', seed: 1, foreignKeys: 'loose' })
})
await client.end()

const database = connectTo(server.url)
const check = await timed('A check of it', () => checkReference(database))
const { code, stderr } = await timed('A run', () => drover(database, 'run', 'migration.ts', ...allow))
if (code !== 3) console.log(stderr)
const differences = await compareForeseen(database, check, manifest)
const gaps = gapsOf(check).filter((gap) => gap !== tooMany)
await database.disconnect()
await server.stop()

for (const each of [...differences, ...gaps]) console.log(`  ${each}`)
const findings: readonly (readonly [what: string, holds: boolean])[] = [
  ['the run loads everything and sets some rows aside', code === 3],
  ['every count that was foreseen is what the run did and the manifest says', differences.length === 0],
  ['the check leaves nothing out but the stored totals', gaps.length === 0],
]
for (const [what, holds] of findings) console.log(`${holds ? '✓' : '✗'} ${what}`)
const failed = findings.filter(([, holds]) => !holds).length
console.log(`${findings.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  const result = await work()
  console.log(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return result
}
