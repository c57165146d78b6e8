import { type Claim, timesAsLong } from '../harness/claim.ts'
import type { Measured, Outcome, Variant } from '../harness/measure.ts'
import type { Part, PartResult } from '../harness/part.ts'
import type { Ended } from '../harness/program.ts'
import { type BenchServer, benchSettings, freshDatabase, withClient } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { findSystemServer, startSystemServer } from '../harness/system-server.ts'
import { takeRounds } from '../harness/take-rounds.ts'
import { indexLikeTarget, makeLegacyTables, makeLegacyValues } from '../metric-values/legacy.ts'
import { landAndRun, pipeAndScript } from '../metric-values/over-servers.ts'
import { makeTarget } from '../metric-values/target.ts'
import { isInstalled, missingTools } from '../tools/installed.ts'
import * as pgcopydb from '../tools/pgcopydb.ts'
import * as pgloader from '../tools/pgloader.ts'
import { readVersions } from '../tools/versions.ts'

/** Two servers share the memory of one. */
const settings = { ...benchSettings, shared_buffers: '1GB' }

async function measureTools(asked: Settings): Promise<PartResult> {
  const { rows } = asked
  const binaries = await findSystemServer()
  if (binaries === undefined) {
    return {
      conditions: { versions: {} },
      tables: [],
      claims: [],
      missing: ['tools for PostgreSQL. apt-get install postgresql'],
    }
  }
  const source = await startSystemServer(binaries, settings)
  const target = await startSystemServer(binaries, settings)
  try {
    await withClient(source.url, async (client) => {
      await makeLegacyValues(client, rows)
      await indexLikeTarget(client)
    })
    const measured = await takeRounds(variantsOver(source, target, rows), asked)
    return {
      conditions: {
        versions: { servers: source.version, ...(await readVersions(['pgcopydb', 'pgloader', 'psql'])) },
        settings,
      },
      tables: [{ title: 'from server to server', measured }],
      claims: claimsOf(measured),
      missing: missingTools(['pgcopydb', 'pgloader', 'psql']),
    }
  } finally {
    await source.stop()
    await target.stop()
  }
}

/** What lands the same rows, each its own way. */
function variantsOver(source: BenchServer, target: BenchServer, rows: number): readonly Variant[] {
  const url = target.urlFor('target')
  const prepare = async () => {
    await withClient(source.url, (client) => client.query('checkpoint'))
    await freshDatabase(target, 'target')
  }
  const byTool = (name: string, run: (source: string, target: string) => Promise<Ended>): Variant => ({
    name,
    rows,
    prepare,
    run: async () => memoryOf(await run(source.url, url)),
  })
  return [
    {
      name: 'drover, land and run',
      rows,
      prepare: async () => {
        await prepare()
        await withClient(url, makeTarget)
      },
      run: () => landAndRun(source.url, url),
    },
    ...(isInstalled('psql')
      ? [
          {
            name: 'by hand, pipes and script',
            rows,
            prepare: async () => {
              await prepare()
              await withClient(url, async (client) => {
                await makeTarget(client)
                await makeLegacyTables(client)
              })
            },
            run: () => pipeAndScript(source.url, url),
          },
        ]
      : []),
    ...(isInstalled('pgcopydb') ? [byTool('pgcopydb clone', pgcopydb.clone)] : []),
    ...(isInstalled('pgloader') ? [byTool('pgloader', pgloader.load)] : []),
  ]
}

function claimsOf(measured: readonly Measured[]): readonly Claim[] {
  return [
    {
      says: 'times as fast as pgloader, which casts and leaves ids as they are',
      value: timesAsLong(measured, 'pgloader', 'drover, land and run'),
      atLeast: 1.5,
    },
    {
      says: 'times as long as a clone by pgcopydb, with the same indexes',
      value: timesAsLong(measured, 'drover, land and run', 'pgcopydb clone'),
      atMost: 1.3,
    },
    {
      says: 'the same of pipes and the script for the same result by hand',
      value: timesAsLong(measured, 'by hand, pipes and script', 'pgcopydb clone'),
    },
    {
      says: 'time of drover beside that of pipes and the script',
      value: timesAsLong(measured, 'drover, land and run', 'by hand, pipes and script'),
    },
  ]
}

/** Of the process that was started; pgcopydb has others beside it. */
function memoryOf({ peakBytes }: Ended): Outcome {
  return peakBytes === undefined ? {} : { peakBytes }
}

export default {
  about: 'from one server to another, beside tools that copy tables: pgcopydb and pgloader',
  rows: { usual: 1_000_000, quick: 50_000 },
  measure: measureTools,
} satisfies Part
