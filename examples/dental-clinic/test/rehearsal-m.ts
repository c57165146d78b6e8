/**
 * Forecasts the reference migration at scale M from a sample of one in a hundred rows:
 *
 *     npm run test:rehearsal
 *
 * Takes the sample into a scratch database, runs the migration there, and compares what is forecast with what the manifest
 * says of all rows, by mapping and code. Ends with `N passed, N failed`.
 */
import { startEmbedded } from 'drover/embedded'
import pg from 'pg'
import { readCatalog } from '../../../packages/drover/src/catalog/read.ts'
import { renderForecast } from '../../../packages/drover/src/cli/forecast-text.ts'
import { buildPlan } from '../../../packages/drover/src/plan/build.ts'
import { makeObjects, readDefinitions } from '../../../packages/drover/src/rehearsal/copy-schema.ts'
import { forecast } from '../../../packages/drover/src/rehearsal/forecast.ts'
import { readRehearsedRun } from '../../../packages/drover/src/rehearsal/read-rehearsed-run.ts'
import { takeSample } from '../../../packages/drover/src/rehearsal/sample.ts'
import { withDatabase } from '../../../packages/drover/test/run/fixture.ts'
import { connectTo } from '../../../packages/drover/test/support/connect.ts'
import { createSchemas } from '../database.ts'
import { generate } from '../generator/index.ts'
import migration from '../migration.ts'
import { allow, drover } from './command.ts'
import { compareForecast } from './forecast.ts'

const schemas = ['legacy', 'migration_input', 'auth', 'public']
const server = await startEmbedded({ fsync: false, settings: { shared_buffers: '512MB', max_connections: '50' } })
const admin = connectTo(server.url)
for (const name of ['real', 'scratch']) await admin.query(`create database ${name}`)
await admin.disconnect()
const real = new pg.Client({ connectionString: server.urlFor('real') })
await real.connect()
await createSchemas(real)
const manifest = await timed('A legacy database with 1,000,000 metric values', () =>
  generate(async (text) => (await real.query(text)).rows ?? [], { scale: 'm', seed: 1, foreignKeys: 'loose' }),
)
await real.end()

const sample = await timed('The sample', () =>
  withDatabase(server.urlFor('real'), (from) =>
    withDatabase(server.urlFor('scratch'), async (to) => {
      const ddl = await readDefinitions(from)
      const catalog = await from.transaction((tx) => readCatalog((text, values) => tx.query(text, values), schemas), {
        readOnly: true,
      })
      const options = { fraction: 0.01, wholeUpTo: 1_000 }
      await makeObjects(to, ddl.before)
      const taken = await takeSample(from, to, migration, buildPlan(migration, catalog), options)
      for (const { object, why } of await makeObjects(to, ddl.after)) console.log(`  not made: ${object}, ${why}`)
      return taken
    }),
  ),
)
for (const { table, rows, taken, why } of sample.tables) {
  if (rows > 1_000n) console.log(`  ${table}: ${taken} of ${rows}${why === null ? '' : `, for ${why}`}`)
}

const scratch = connectTo(server.urlFor('scratch'))
const { code, stderr } = await timed('A run of it', () => drover(scratch, 'run', 'migration.ts', ...allow))
if (code !== 3) console.log(stderr)
const [{ id } = { id: '' }] = await scratch.query<{ id: string }>('select max(id)::text as id from drover.run')
const foreseen = forecast(sample, await withDatabase(scratch.url, (db) => readRehearsedRun(db, id, sample)))
console.log(renderForecast(foreseen))

const { compared, outside } = compareForecast(foreseen, manifest)
for (const each of outside) console.log(`  ${each}`)
await scratch.disconnect()

const all = await timed('A run of everything', async () => {
  const database = connectTo(server.urlFor('real'))
  const started = performance.now()
  await drover(database, 'run', 'migration.ts', ...allow)
  const seconds = (performance.now() - started) / 1000
  const [size] = await database.query<{ bytes: string }>(
    `select sum(pg_total_relation_size(oid)) as bytes from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  )
  await database.disconnect()
  return { seconds, bytes: Number(size!.bytes) }
})
console.log(`It took ${all.seconds.toFixed(0)} s, and the targets ${(all.bytes / 2 ** 20).toFixed(0)} MiB.`)
await server.stop()

const findings: readonly (readonly [what: string, holds: boolean])[] = [
  ['the run loads the sample and sets some rows aside', code === 3],
  [`all of ${compared} counts of the manifest lie in the range that is forecast`, outside.length === 0 && compared > 0],
  ['large tables are really sampled', sample.tables.some(({ rows, taken }) => taken < rows / 50n)],
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
