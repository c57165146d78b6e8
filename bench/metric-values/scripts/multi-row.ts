// node multi-row.ts <url> <rows>: inserts of a thousand rows each. Prints the seconds that the values took.
import { performance } from 'node:perf_hooks'
import pg from 'pg'
import { convert, type LegacyRow, loadParents } from './convert.ts'

const [url, count] = process.argv.slice(2) as [string, string]
const perInsert = 1_000

const client = new pg.Client({ connectionString: url })
await client.connect()
const parents = await loadParents(client)
const started = performance.now()
// Of a pair that the target takes for one, the second is left out.
const seen = new Set<string>()
let after = ''
for (let done = 0; done < Number(count); done += perInsert) {
  const { rows } = await client.query<LegacyRow>(
    'select * from legacy.metric_values where id > $1 order by id limit $2',
    [after, Math.min(perInsert, Number(count) - done)],
  )
  after = rows.at(-1)!.id
  const made = rows.flatMap((old) => {
    const row = convert(old, parents)
    const pair = `${old.data_source_id} ${old.external_id}`
    if (row === undefined || seen.has(pair)) return []
    seen.add(pair)
    return [{ old: old.id, row }]
  })
  await client.query('begin')
  await insert(
    'app.metric_values',
    made.map(({ row }) => Object.values(row)),
  )
  await insert(
    'script.id_mapping',
    made.map(({ old, row }) => [old, row.id]),
  )
  await client.query('commit')
}
console.log((performance.now() - started) / 1000)
await client.end()

async function insert(table: string, rows: readonly (readonly unknown[])[]): Promise<void> {
  const width = rows[0]!.length
  const places = rows.map((row, i) => `(${row.map((_, column) => `$${i * width + column + 1}`).join(', ')})`)
  await client.query(`insert into ${table} values ${places.join(', ')}`, rows.flat())
}
