import { defineMigration, derivedUuid, instant, type int8, required, sql, type timestamptz, type uuid } from 'drover'
import type { FromSupabase, Refine } from 'drover/adapters'
import type { Legacy } from './legacy.types.ts'
import type { Database } from './supabase.types.ts'

// #region types
/** Supabase's types call an id and a time string. */
type App = Refine<FromSupabase<Database>, { 'app.notes': { id: uuid; written_at: timestamptz } }>

const m = defineMigration<Legacy, App>({ name: 'notes', cutover: '2025-06-01T00:00:00Z' })
// #endregion

const notes = m.map('notes', {
  from: (db) => db.selectFrom('legacy.notes as n'),
  key: ({ n }) => n.id,
  to: 'app.notes',
  columns: ({ n }) => ({
    id: derivedUuid(n.id, { entity: 'notes' }),
    number: sql<int8>`${n.number}`, // always an identity: the old number is kept
    author: required(n.author).orQuarantine('no-author'),
    body: n.body,
    mood: sql<'glad' | 'sad'>`case when ${n.stars} < 3 then 'sad' else 'glad' end`,
    written_at: instant(n.written, { zone: 'UTC' }).orQuarantine(),
  }),
})

export default m.migration([notes])
