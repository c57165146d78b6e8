import { parseArgs } from 'node:util'
import { startEmbedded } from 'drover/embedded'
import pg from 'pg'
import { readSchemas } from '../../packages/drover/src/cli/read-schemas.ts'
import { openDatabase } from '../../packages/drover/src/db/pg.ts'
import type { int4, numeric, text, timestamptz } from '../../packages/drover/src/index.ts'
import { defineMigration, lowerTrim, squish } from '../../packages/drover/src/index.ts'
import { buildPlan } from '../../packages/drover/src/plan/build.ts'
import { hazardNames, type Plan } from '../../packages/drover/src/plan/plan.ts'
import { run as runPlan } from '../../packages/drover/src/run/run.ts'
import type { Bench } from '../bench.ts'
import { measure, printMeasured } from '../measure.ts'

const about = 'rows that evolve in place, each kept as it was, against a chunked update that keeps nothing'

interface Schema {
  'app.readings': { id: int4; label: text; source: text; value: numeric; at: timestamptz; note: text | null }
}

const m = defineMigration<Schema, Schema>({
  name: 'evolve',
  cutover: '2025-06-01T00:00:00Z',
  source: { freeze: 'block' },
})
const readings = m.evolve('readings', {
  from: (db) => db.selectFrom('app.readings as r'),
  to: 'app.readings',
  columns: ({ r }) => ({ label: squish(r.label), source: lowerTrim(r.source) }),
})

/** What the helpers make, as a script would write it: the same white space, the same folding of case. */
const label = `btrim(regexp_replace(label collate "default", '[\\u0009-\\u000D\\u0020\\u0085\\u00A0\\u1680\\u2000-\\u200B\\u2028\\u2029\\u202F\\u205F\\u2060\\u3000\\uFEFF]+', ' ', 'g'))`
const source = `lower(btrim(normalize(source, nfkc), U&'\\0009\\000a\\000b\\000c\\000d\\0020\\0085\\00a0\\1680\\2000\\2001\\2002\\2003\\2004\\2005\\2006\\2007\\2008\\2009\\200a\\200b\\2028\\2029\\202f\\205f\\2060\\3000\\feff') collate pg_catalog."und-x-icu")`

/** The same change, by hand: of the rows in `$1` up to `$2`, all of which change. */
const plain = `update app.readings
set label = ${label}, source = ${source}
where id >= $1 and id < $2`

async function run(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: { rows: { type: 'string', default: '500000' }, rounds: { type: 'string', default: '3' } },
  })
  const rows = Number(values.rows)
  const server = await startEmbedded({ settings: { shared_buffers: '1GB', max_wal_size: '4GB', autovacuum: 'off' } })
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  try {
    await client.query(`create schema app;
      create table app.pristine as
      select i as id, '  Reading  ' || i as label, 'Sheet ' as source, (i % 1000)::numeric as value,
        timestamptz '2024-01-01' + i * interval '1 minute' as at, case when i % 3 = 0 then 'note ' || i end as note
      from generate_series(1, ${rows}) as i;`)
    const prepare = async () => {
      await client.query(`drop schema if exists drover cascade; drop table if exists app.readings;
        create table app.readings (id int primary key, label text not null, source text not null, value numeric not null,
          at timestamptz not null, note text);
        insert into app.readings select * from app.pristine; create index on app.readings (at);`)
      await client.query('vacuum analyze app.readings')
      await client.query('checkpoint')
    }
    const measured = await measure(
      [
        { name: 'chunked update', prepare, run: () => byHand(server.url, rows, 50_000) },
        { name: 'drover, keeping nothing', prepare, run: () => byDrover(server.url, withoutImages) },
        { name: 'drover', prepare, run: () => byDrover(server.url) },
      ],
      Number(values.rounds),
    )
    printMeasured(measured)
  } finally {
    await client.end()
    await server.stop()
  }
}

/** The same chunks, but for the part that keeps rows as they were: what that costs is the difference. */
function withoutImages(plan: Plan): Plan {
  return {
    ...plan,
    mappings: plan.mappings.map((mapping) => {
      const chunk = mapping.statements.chunk.replace(/, imaged as \(\n {2}insert[\s\S]*?\n\)/, '')
      if (chunk === mapping.statements.chunk) throw new Error('The chunk has another form than this bench knows.')
      return { ...mapping, statements: { ...mapping.statements, chunk } }
    }),
  }
}

/** Two sessions, a transaction for each chunk. */
async function byHand(url: string, rows: number, perChunk: number): Promise<void> {
  let next = 1
  const session = async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    while (next <= rows) {
      const from = next
      next += perChunk
      await client.query(plain, [from, from + perChunk])
    }
    await client.end()
  }
  await Promise.all([session(), session()])
}

async function byDrover(url: string, change: (plan: Plan) => Plan = (plan) => plan): Promise<void> {
  const db = await openDatabase(url)
  try {
    const plan = buildPlan(m.migration([readings]), await readSchemas(db, ['app']))
    const { state } = await runPlan(db, change(plan), { allowed: hazardNames, workers: 2 })
    if (state !== 'loaded') throw new Error(`The run is ${state}.`)
  } finally {
    await db.close()
  }
}

export default { about, run } satisfies Bench
