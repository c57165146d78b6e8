/**
 * Runs the reference migration, takes it back, and runs it again, once by drover and once by the reversal script:
 *
 *     node --conditions=source examples/dental-clinic/test/rollback.ts [s|m, default m]
 *
 * Everything must be as it was. At scale M the way back must not take longer than the load. Ends with `N passed, N failed`.
 */
import { startEmbedded } from 'drover/embedded'
import pg from 'pg'
import { connectTo } from '../../../packages/drover/test/support/connect.ts'
import { createSchemas } from '../database.ts'
import { generate } from '../generator/index.ts'
import { backAndForth } from './back-and-forth.ts'

const scale = process.argv[2] === 's' ? 's' : 'm'
const server = await startEmbedded({ fsync: false, settings: { shared_buffers: '512MB', max_connections: '50' } })
const maintenance = connectTo(server.urlFor('postgres'))
await maintenance.query('create database legacy')
const client = new pg.Client({ connectionString: server.urlFor('legacy') })
await client.connect()
await createSchemas(client)
await generate(async (text) => (await client.query(text)).rows ?? [], { scale, seed: 1, foreignKeys: 'loose' })
await client.end()

const findings: (readonly [what: string, holds: boolean])[] = []
for (const means of ['drover', 'script'] as const) {
  await maintenance.query(`create database by_${means} template legacy`)
  const database = connectTo(server.urlFor(`by_${means}`))
  const outcome = await backAndForth(database, means)
  await database.disconnect()
  await maintenance.query(`drop database by_${means} with (force)`)
  const ratio = outcome.backSeconds / outcome.loadSeconds
  console.log(
    `${means}: load ${outcome.loadSeconds.toFixed(1)} s, back ${outcome.backSeconds.toFixed(1)} s, ratio ${ratio.toFixed(2)}`,
  )
  findings.push(...outcome.findings)
  // At scale S both are little more than the start of a process.
  if (scale === 'm') findings.push([`${means}: the way back takes no longer than the load`, ratio <= 1])
}
await maintenance.disconnect()
await server.stop()

for (const [what, holds] of findings) console.log(`${holds ? '✓' : '✗'} ${what}`)
const failed = findings.filter(([, holds]) => !holds).length
console.log(`${findings.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
