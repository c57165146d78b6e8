import { timesAsLong } from '../harness/claim.ts'
import type { Measured, Variant } from '../harness/measure.ts'
import type { Part, PartResult } from '../harness/part.ts'
import { benchSettings, freshDatabase, startServer, withClient } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { takeRounds } from '../harness/take-rounds.ts'
import { transformAtSource } from '../metric-values/by-hand/over-servers.ts'
import { makeLegacyTables, makeLegacyValues } from '../metric-values/legacy.ts'
import { land, landAndRun } from '../metric-values/over-servers.ts'
import { readLandingPhases } from '../metric-values/phases.ts'
import { makeTarget } from '../metric-values/target.ts'
import { copyThroughPipe } from '../tools/copy-pipe.ts'
import { isInstalled, missingTools } from '../tools/installed.ts'
import { readVersions } from '../tools/versions.ts'

/** Two servers share the memory of one. */
const settings = { ...benchSettings, shared_buffers: '1GB' }
const table = 'legacy.metric_values'

async function measureLanding(asked: Settings): Promise<PartResult> {
  const { rows } = asked
  if (!isInstalled('psql'))
    return { conditions: { versions: {} }, tables: [], claims: [], missing: missingTools(['psql']) }
  const source = await startServer(settings)
  const target = await startServer(settings)
  try {
    await withClient(source.url, (client) => makeLegacyValues(client, rows))
    const url = target.urlFor('target')
    const variant = (name: string, make: Variant['prepare'], run: Variant['run']): Variant => ({
      name,
      rows,
      prepare: async () => {
        await withClient(source.url, (client) => client.query('checkpoint'))
        await freshDatabase(target, 'target')
        await make?.()
      },
      run,
    })
    const makeTables = () => withClient(url, makeLegacyTables)
    const makeEmpty = () => withClient(url, makeTarget)
    const pipe = async () => {
      await copyThroughPipe({ source: source.url, target: url, from: table, to: table })
      return undefined
    }
    const addKey = `alter table ${table} add primary key (id); analyze ${table}`
    const landTable = async (...flags: readonly string[]) => {
      const started = performance.now()
      const { peakBytes } = await land(source.url, url, ['--table', table, ...flags])
      const seconds = (performance.now() - started) / 1000
      return { seconds, phases: await readLandingPhases(url), ...(peakBytes !== undefined && { peakBytes }) }
    }
    const landing = [
      variant('copy pipe', makeTables, pipe),
      variant('copy pipe, primary key', makeTables, async () => {
        await pipe()
        await withClient(url, (client) => client.query(addKey))
        return undefined
      }),
      variant('drover land --no-digest', undefined, () => landTable('--no-digest')),
      variant('drover land', undefined, () => landTable()),
    ]
    const whole = [
      variant('pipe with the transform', makeEmpty, () => transformAtSource(source.url, url).then(() => undefined)),
      variant('drover, land and run', makeEmpty, () => landAndRun(source.url, url)),
    ]
    const landed = await takeRounds(landing, asked)
    const loaded = await takeRounds(whole, asked)
    return {
      conditions: { versions: { servers: source.version, ...(await readVersions(['psql'])) }, settings },
      tables: [
        { title: 'one table to another server', measured: landed },
        { title: 'from server to server, transformed', measured: loaded },
      ],
      claims: [
        {
          says: 'speed of landing the rows beside a raw binary pipe',
          value: timesAsLong([...landed, ...rowsAlone(landed)], 'copy pipe', 'the rows alone'),
          atLeast: 0.8,
        },
        {
          says: 'speed of landing, process and all, beside a pipe and the primary key that a landed table has',
          value: timesAsLong(landed, 'copy pipe, primary key', 'drover land --no-digest'),
          atLeast: 0.8,
        },
        {
          says: 'the same beside the pipe alone',
          value: timesAsLong(landed, 'copy pipe', 'drover land --no-digest'),
        },
        {
          says: 'time of landing with the proof that both sides are equal, beside that without',
          value: timesAsLong(landed, 'drover land', 'drover land --no-digest'),
        },
        {
          says: 'speed of landing and running beside a pipe with the transform, which keeps nothing of what does not fit',
          value: timesAsLong(loaded, 'pipe with the transform', 'drover, land and run'),
        },
      ],
    }
  } finally {
    await source.stop()
    await target.stop()
  }
}

/** Of a landing what the pipe does, too: between the beginning of the first chunk and the end of the last. */
function rowsAlone(landed: readonly Measured[]): readonly Measured[] {
  return landed
    .filter(({ name }) => name === 'drover land --no-digest')
    .map((each) => ({ ...each, name: 'the rows alone', seconds: each.outcomes.map(({ phases }) => phases!.rows!) }))
}

export default {
  about: 'rows from another server, beside a pipe from psql to psql',
  rows: { usual: 1_000_000, quick: 50_000 },
  measure: measureLanding,
} satisfies Part
