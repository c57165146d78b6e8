import { timesAsLong } from '../harness/claim.ts'
import type { Part, PartResult } from '../harness/part.ts'
import { withClient } from '../harness/server.ts'
import type { Settings } from '../harness/settings.ts'
import { findSystemServer, startSystemServer } from '../harness/system-server.ts'
import { takeRounds } from '../harness/take-rounds.ts'
import { compareRows } from '../lifecycle/compare-rows.ts'
import { makeLegacyValues } from '../metric-values/legacy.ts'
import { makeTarget } from '../metric-values/target.ts'
import { byDrover } from '../metric-values/variants.ts'
import { isInstalled, missingTools } from '../tools/installed.ts'
import { compare } from '../tools/pg-comparator.ts'
import { readVersions } from '../tools/versions.ts'

const columns = [
  'date',
  'value',
  'metric_definition_id',
  'provider_id',
  'clinic_id',
  'data_source_id',
  'external_id',
  'source_type',
  'created_at',
  'updated_at',
]

async function measureComparator(settings: Settings): Promise<PartResult> {
  const { rows } = settings
  const binaries = await findSystemServer()
  if (binaries === undefined || !isInstalled('pg_comparator')) {
    return { conditions: { versions: {} }, tables: [], claims: [], missing: missingTools(['pg_comparator']) }
  }
  const server = await startSystemServer(binaries)
  const { url } = server
  try {
    await withClient(url, async (client) => {
      await makeLegacyValues(client, rows)
      await makeTarget(client)
    })
    await byDrover(url, rows).run()
    await withClient(url, async (client) => {
      await client.query(`create extension pgcmp;
        create schema copy;
        create table copy.metric_values as select * from app.metric_values;
        alter table copy.metric_values add primary key (id);
        analyze copy.metric_values;
        checkpoint`)
    })
    const pair = { url, one: 'app.metric_values', other: 'copy.metric_values', key: 'id', columns }
    const measured = await takeRounds(
      [
        { name: 'drover, all rows by the transform', rows, run: () => compareRows(url).then(() => undefined) },
        { name: 'pg_comparator, two equal tables', rows, run: () => compare(pair).then(() => undefined) },
      ],
      settings,
    )
    return {
      conditions: {
        versions: { server: server.version, ...(await readVersions(['pg_comparator'])) },
        settings: server.settings,
      },
      tables: [{ title: 'comparison', measured }],
      claims: [
        {
          says: 'speed of the comparison of all rows beside pg_comparator, which knows no transform',
          value: timesAsLong(measured, 'pg_comparator, two equal tables', 'drover, all rows by the transform'),
        },
      ],
    }
  } finally {
    await server.stop()
  }
}

export default {
  about: 'the comparison of all rows, beside pg_comparator on two equal tables',
  rows: { usual: 1_000_000, quick: 50_000 },
  measure: measureComparator,
} satisfies Part
