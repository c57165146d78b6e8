// node plan-alone.ts <url> <migration file>: plans as the first thing of a process. Prints the milliseconds.
import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { readCatalog } from '../../packages/drover/src/catalog/read.ts'
import type { MigrationDefinition } from '../../packages/drover/src/index.ts'
import { buildPlan } from '../../packages/drover/src/plan/build.ts'

const [url, file] = process.argv.slice(2) as [string, string]
const { default: definition } = (await import(pathToFileURL(file).href)) as { default: MigrationDefinition }
const client = new pg.Client({ connectionString: url })
await client.connect()
await client.query('set search_path = pg_catalog')
const catalog = await readCatalog(
  async (text, values) => (await client.query(text, values as unknown[])).rows,
  ['legacy', 'public'],
)
await client.end()
const started = performance.now()
buildPlan(definition, catalog)
console.log(performance.now() - started)
