import { readFile } from 'node:fs/promises'
import { readCatalog } from '../../../../packages/drover/src/catalog/read.ts'
import type { Database } from '../../../../packages/drover/src/db/connection.ts'
import {
  defineMigration,
  derivedUuid,
  type int4,
  type jsonb,
  type numeric,
  ref,
  sql,
  type text,
  type uuid,
} from '../../../../packages/drover/src/index.ts'
import { buildPlan } from '../../../../packages/drover/src/plan/build.ts'
import { hazardNames } from '../../../../packages/drover/src/plan/plan.ts'
import { run } from '../../../../packages/drover/src/run/run.ts'

interface Old {
  'old.wards': { id: int4; name: text }
  'old.stays': { id: int4; ward_id: int4; patient: text; fee: numeric; notes: jsonb }
}

interface New {
  'new.wards': { id: int4; name: text }
  'new.stays': { id: uuid; ward_id: int4; number: int4; patient: text; fee: numeric; notes: jsonb }
}

const m = defineMigration<Old, New>({ name: 'register', cutover: '2025-06-01T00:00:00Z' })

const wards = m.map('wards', {
  from: (db) => db.selectFrom('old.wards as w'),
  key: ({ w }) => w.id,
  to: 'new.wards',
  columns: ({ w }) => ({ id: w.id, name: w.name }),
})

const stays = m.map('stays', {
  from: (db) => db.selectFrom('old.stays as s'),
  key: ({ s }) => s.id,
  to: 'new.stays',
  columns: ({ s }) => ({
    id: derivedUuid(sql<text>`${s.id}::text`),
    // No foreign key of the target says so.
    ward_id: ref(s.ward_id, wards).orQuarantine('no-ward'),
    number: s.id,
    patient: s.patient,
    fee: s.fee,
    notes: s.notes,
  }),
})

/**
 * What the reference migration has not: keys that a sequence makes, a trigger, a reference that nothing declares, letters
 * with accents, text that ignores case, documents with numbers.
 */
export const registerSchema = await readFile(new URL('register.sql', import.meta.url), 'utf8')

/** Carries the migration out, and sets the sequence as an application would. */
export async function migrateRegister(db: Database): Promise<string> {
  const catalog = await db.transaction((tx) =>
    readCatalog((text, values) => tx.query(text, values), ['old', 'new', 'public']),
  )
  const plan = buildPlan(m.migration([wards, stays]), catalog)
  const { runId } = await run(db, plan, { allowed: hazardNames })
  await db.transaction((tx) =>
    tx.query(`select pg_catalog.setval('new.wards_id_seq', (select max(id) from new.wards))`),
  )
  return runId
}
