import {
  clampToCutover,
  defineMigration,
  derivedUuid,
  type Expression,
  fold,
  instant,
  noteWhen,
  sql,
  type text,
  type timestamp,
} from 'drover'
import type { App } from '../app.types.ts'
import type { Legacy } from '../legacy.types.ts'

/** The migration: from the single-tenant schema with text ids to the multi-tenant one. */
export const m = defineMigration<Legacy, App>({
  name: 'dental-clinic',
  cutover: '2025-06-01T00:00:00Z',
  source: { freeze: 'block' },
})

/** Version 5 of the URL namespace over `https://example.org/legacy/dental`: every id of the new schema is derived in it. */
const namespace = '19dca0fd-1545-57f7-bbb7-e1e71ed10f26'

/**
 * The id of the row that a legacy row becomes in one table: the same on every run, and for every program that knows the
 * rule.
 */
export const idOf = (table: string, legacyId: Expression<text>) =>
  derivedUuid(legacyId, { version: 5, namespace, entity: table })

/** A legacy time, which carries no zone and means UTC; one after the cutover is taken back to it. */
const utc = (time: Expression<timestamp>) =>
  clampToCutover(instant(time, { zone: 'UTC' }).orQuarantine('no-finite-time'))

/** When a row was made and last changed, both kept as they are; a row that was changed before it was made is noted. */
export const stamps = (row: {
  readonly created_at: Expression<timestamp>
  readonly updated_at: Expression<timestamp>
}) => ({
  created_at: utc(row.created_at),
  updated_at: noteWhen(utc(row.updated_at), 'created-after-updated', sql`${row.created_at} > ${row.updated_at}`),
})

/** A provider's name as it is compared: spelling and title do not matter. */
export const matchName = <X extends text | null>(name: Expression<X>) =>
  sql<X>`regexp_replace(${fold(name)}, '^dr[.]? ', '')`
