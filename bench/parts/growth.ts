import { type Claim, timesAsLong } from '../harness/claim.ts'
import type { Measured } from '../harness/measure.ts'
import type { Part, PartResult } from '../harness/part.ts'
import { type BenchServer, freshDatabase, startServer, withClient } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { takeRounds } from '../harness/take-rounds.ts'
import { makeLegacyValues } from '../metric-values/legacy.ts'
import { byDrover } from '../metric-values/variants.ts'

/** What the process may hold at most, in megabytes: memory must not grow with the rows. */
const mostMegabytes = 150

async function measureGrowth(settings: Settings): Promise<PartResult> {
  const { rows } = settings
  const server = await startServer()
  try {
    const sizes = [rows / 100, rows / 10, rows].map(Math.round)
    const notes = new Map<number, string>()
    for (const size of sizes) {
      const url = await freshDatabase(server, databaseOf(size))
      await withClient(url, (client) => makeLegacyValues(client, size))
    }
    const variants = sizes.map((size) => {
      const url = server.urlFor(databaseOf(size))
      const { prepare, run } = byDrover(url, size)
      const readSizes = async () => {
        notes.set(size, await describeSizes(server, size))
        return {}
      }
      return { name: nameOf(size), rows: size, prepare: prepare!, run, result: readSizes }
    })
    const measured = await takeRounds(variants, settings)
    const [, middle, largest] = sizes.map(nameOf) as [string, string, string]
    return {
      conditions: { versions: { server: server.version }, settings: server.settings },
      tables: [{ title: 'from source to target', measured }],
      claims: [
        {
          says: `rows a second of ${largest} beside ${middle}`,
          value: timesAsLong(measured, middle, largest),
          atLeast: 0.85,
        },
        ...measured.flatMap(memoryClaim),
      ],
      notes: [...notes.values()],
    }
  } finally {
    await server.stop()
  }
}

const databaseOf = (size: number) => `values_${size}`
const nameOf = (size: number) => `${size.toLocaleString('en')} values`

function memoryClaim({ name, outcomes }: Measured): readonly Claim[] {
  const peaks = outcomes.flatMap(({ peakBytes }) => peakBytes ?? [])
  if (peaks.length === 0) return []
  const value = Math.max(...peaks) / 1e6
  return [{ says: `memory of the process, ${name}`, value, atMost: mostMegabytes, unit: ' MB' }]
}

/** What the run left: table and indexes of the values, and of drover's schema what belongs to them. */
function describeSizes(server: BenchServer, size: number): Promise<string> {
  return withClient(server.urlFor(databaseOf(size)), async (client) => {
    const { rows } = await client.query<{ source: string; target: string; ledger: string; crosswalk: string }>(`
      select pg_size_pretty(pg_total_relation_size('legacy.metric_values')) as source,
        pg_size_pretty(pg_total_relation_size('app.metric_values')) as target,
        pg_size_pretty(pg_total_relation_size('drover.crosswalk_values')) as crosswalk,
        pg_size_pretty(sum(pg_total_relation_size(c.oid))) as ledger
      from pg_class as c
      where c.relnamespace = 'drover'::regnamespace and c.relkind = 'r'`)
    const { source, target, crosswalk, ledger } = rows[0]!
    return `${nameOf(size)}: source ${source}, target ${target}, drover's schema ${ledger}, of which the crosswalk ${crosswalk}`
  })
}

export default {
  about: 'whether rows a second and memory stay as they are while the table grows, from a hundredth of the rows',
  rows: { usual: 10_000_000, quick: 200_000 },
  measure: measureGrowth,
} satisfies Part
