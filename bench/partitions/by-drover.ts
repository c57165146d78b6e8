import { readSchemas } from '../../packages/drover/src/cli/read-schemas.ts'
import { openDatabase } from '../../packages/drover/src/db/pg.ts'
import type { int4, int8, numeric, text, timestamp, timestamptz, uuid } from '../../packages/drover/src/index.ts'
import {
  decimal,
  defineMigration,
  derivedUuid,
  instant,
  lowerTrim,
  ref,
  required,
  sql,
} from '../../packages/drover/src/index.ts'
import { buildPlan } from '../../packages/drover/src/plan/build.ts'
import { type FreezeMode, hazardNames } from '../../packages/drover/src/plan/plan.ts'
import { run } from '../../packages/drover/src/run/run.ts'

interface Event {
  id: int8
  place: int4
  device: int4 | null
  reading: text | null
  kind: text
  at: timestamp
  note: text | null
}

interface Old {
  'old.devices': { id: int4; name: text }
  'old.whole': Event
  'old.parted': Event
}

interface New {
  'new.devices': { id: uuid; name: text }
  'new.readings': { id: uuid; device_id: uuid; value: numeric; kind: text; at: timestamptz; note: text | null }
}

/** Carries the events of one of the two tables over, with two workers. */
export async function carryEvents(url: string, from: 'old.whole' | 'old.parted', freeze: FreezeMode): Promise<void> {
  const m = defineMigration<Old, New>({ name: 'partitions', cutover: '2025-06-01T00:00:00Z', source: { freeze } })
  const devices = m.map('devices', {
    from: (db) => db.selectFrom('old.devices as d'),
    key: ({ d }) => d.id,
    to: 'new.devices',
    columns: ({ d }) => ({ id: derivedUuid(sql<text>`${d.id}::text`), name: d.name }),
  })
  const readings = m.map('readings', {
    from: (db) => db.selectFrom(`${from as 'old.whole'} as e`),
    key: ({ e }) => e.id,
    to: 'new.readings',
    columns: ({ e }) => ({
      id: derivedUuid(sql<text>`${e.id}::text`),
      device_id: required(ref(e.device, devices).orQuarantine()).orQuarantine('no-device'),
      value: required(decimal(e.reading, { scale: 2 }).orQuarantine()).orQuarantine('no-value'),
      kind: lowerTrim(e.kind),
      at: instant(e.at, { zone: 'UTC' }).orQuarantine(),
      note: e.note,
    }),
    dropped: ['place'],
  })
  const db = await openDatabase(url)
  try {
    const plan = buildPlan(m.migration([devices, readings]), await readSchemas(db, ['old', 'new']))
    const { state } = await run(db, plan, { allowed: hazardNames, workers: 2, maxQuarantined: { percent: 10 } })
    if (state !== 'loaded') throw new Error(`The run is ${state}.`)
  } finally {
    await db.close()
  }
}
