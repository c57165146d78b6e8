import { type Claim, timesAsLong } from '../harness/claim.ts'
import { type Measured, medianPhases } from '../harness/measure.ts'
import { medianOf } from '../harness/median.ts'
import type { Part, PartResult } from '../harness/part.ts'
import { type BenchServer, freshDatabase, startServer, withClient } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { takeRounds } from '../harness/take-rounds.ts'
import { makeLegacyValues } from '../metric-values/legacy.ts'
import { byDrover } from '../metric-values/variants.ts'
import { type Cost, type MeasuredRun, predict } from '../scaling/model.ts'

/** What the process may hold at most, in megabytes: memory must not grow with the rows. */
const mostMegabytes = 150

async function measureGrowth(settings: Settings): Promise<PartResult> {
  const { rows } = settings
  const server = await startServer()
  try {
    const sizes = [rows / 100, rows / 10, rows].map(Math.round)
    const left = new Map<number, Left>()
    for (const size of sizes) {
      const url = await freshDatabase(server, databaseOf(size))
      await withClient(url, (client) => makeLegacyValues(client, size))
    }
    const variants = sizes.map((size) => {
      const url = server.urlFor(databaseOf(size))
      const { prepare, run } = byDrover(url, size)
      let begun = ''
      return {
        name: nameOf(size),
        rows: size,
        prepare: async () => {
          await prepare!()
          begun = await readWalPosition(server)
        },
        run,
        result: async () => {
          left.set(size, await readLeft(server, size, begun))
          return {}
        },
      }
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
        ...modelClaims(sizes.slice(1).flatMap((size) => measuredRun(measured, left, size))),
      ],
      notes: [
        ...[...left].map(([size, sizesOf]) => describeLeft(size, sizesOf)),
        ...measuredRun(measured, left, rows).flatMap((run) => foreseen.map((size) => describeForeseen(run, size))),
      ],
    }
  } finally {
    await server.stop()
  }
}

/** Rows of tables that no bench makes: what the model says of them. */
const foreseen = [100_000_000, 1_000_000_000, 10_000_000_000]

const databaseOf = (size: number) => `values_${size}`
const nameOf = (size: number) => `${size.toLocaleString('en')} values`

function memoryClaim({ name, outcomes }: Measured): readonly Claim[] {
  const peaks = outcomes.flatMap(({ peakBytes }) => peakBytes ?? [])
  if (peaks.length === 0) return []
  const value = Math.max(...peaks) / 1e6
  return [{ says: `memory of the process, ${name}`, value, atMost: mostMegabytes, unit: ' MB' }]
}

/** What a run left behind, in bytes: table and indexes of the values, and of drover's schema what belongs to them. */
interface Left extends Omit<Cost, 'seconds'> {
  readonly sourceBytes: number
  readonly crosswalkBytes: number
}

/** Nobody else writes to the server. */
function readLeft(server: BenchServer, size: number, walBegun: string): Promise<Left> {
  return withClient(server.urlFor(databaseOf(size)), async (client) => {
    const { rows } = await client.query<Record<keyof Left, string>>(
      `select pg_total_relation_size('legacy.metric_values') as "sourceBytes",
        pg_total_relation_size('app.metric_values') as "targetBytes",
        pg_total_relation_size('drover.crosswalk_values') as "crosswalkBytes",
        sum(pg_total_relation_size(c.oid)) as "ledgerBytes",
        pg_current_wal_insert_lsn() - $1::pg_lsn as "walBytes"
      from pg_class as c
      where c.relnamespace = 'drover'::regnamespace and c.relkind = 'r'`,
      [walBegun],
    )
    return Object.fromEntries(Object.entries(rows[0]!).map(([name, bytes]) => [name, Number(bytes)])) as unknown as Left
  })
}

function readWalPosition(server: BenchServer): Promise<string> {
  return withClient(server.url, async (client) => {
    const { rows } = await client.query<{ at: string }>('select pg_current_wal_insert_lsn() as at')
    return rows[0]!.at
  })
}

function describeLeft(size: number, left: Left): string {
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`
  const { sourceBytes, targetBytes, ledgerBytes, crosswalkBytes, walBytes } = left
  return `${nameOf(size)}: source ${megabytes(sourceBytes)}, target ${megabytes(targetBytes)}, drover's schema ${megabytes(ledgerBytes)}, of which the crosswalk ${megabytes(crosswalkBytes)}; log ${megabytes(walBytes)}`
}

function describeForeseen(run: MeasuredRun, size: number): string {
  const { seconds, walBytes, targetBytes, ledgerBytes } = predict(run, size)
  const gigabytes = (bytes: number) => `${Math.round(bytes / 1e9).toLocaleString('en')} GB`
  return `${nameOf(size)}, by the model: ${(seconds / 3600).toFixed(1)} h, target ${gigabytes(targetBytes)}, drover's schema ${gigabytes(ledgerBytes)}, log ${gigabytes(walBytes)}`
}

function measuredRun(
  measured: readonly Measured[],
  left: ReadonlyMap<number, Left>,
  size: number,
): readonly MeasuredRun[] {
  const own = measured.find(({ name }) => name === nameOf(size))
  const cost = left.get(size)
  if (own === undefined || cost === undefined) return []
  return [{ rows: size, seconds: medianOf(own.seconds), phases: medianPhases(own), ...cost }]
}

/** How far what the model says of the largest run, by the one before, is from what it took. */
function modelClaims(runs: readonly MeasuredRun[]): readonly Claim[] {
  const [middle, largest] = runs
  if (middle === undefined || largest === undefined) return []
  const predicted = predict(middle, largest.rows)
  const claim = (says: string, of: keyof Cost): Claim => ({
    says: `the model is off by this part: ${says} of ${nameOf(largest.rows)}`,
    value: Math.abs(predicted[of] / largest[of] - 1),
    atMost: 0.25,
  })
  return [
    claim('time', 'seconds'),
    claim('log', 'walBytes'),
    claim('target', 'targetBytes'),
    claim("drover's schema", 'ledgerBytes'),
  ]
}

export default {
  about:
    'whether rows a second and memory stay as they are while the table grows, from a hundredth of the rows; whether the model of the cost holds',
  rows: { usual: 10_000_000, quick: 200_000 },
  measure: measureGrowth,
} satisfies Part
