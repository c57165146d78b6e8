import {
  defineMigration,
  derivedUuid,
  type Expression,
  type int4,
  type jsonb,
  required,
  sql,
  type text,
  type uuid,
} from '../../src/index.ts'
import { carryOut, databaseWith } from '../plan/planned.ts'

interface Old {
  'old.clinics': { id: text; name: text | null }
  'old.rooms': { id: int4 }
  'old.boards': { id: int4; layout: jsonb | null }
}
interface New {
  'new.clinics': { id: uuid; name: text }
  'new.rooms': { id: int4 }
  'new.boards': { id: int4; layout: jsonb | null }
}

/** c2 has no name and is set aside. Rooms get numbers of their own. */
export const schema = `
  create table old.clinics (id text primary key, name text);
  insert into old.clinics values ('c1', 'North'), ('c2', null), ('c"3', 'South'), ('clinicId', 'Odd');
  create table old.rooms (id int primary key);
  insert into old.rooms values (1), (2);
  create table old.boards (id int primary key, layout jsonb);
  create table new.clinics (id uuid primary key, name text not null);
  create table new.rooms (id int primary key);
  create table new.boards (id int primary key, layout jsonb);`

export const m = defineMigration<Old, New>({ name: 'json-ids', cutover: '2025-06-01T00:00:00Z' })

export const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('old.clinics as c'),
  key: ({ c }) => c.id,
  to: 'new.clinics',
  columns: ({ c }) => ({ id: derivedUuid(c.id), name: required(c.name).orQuarantine('no-name') }),
})

export const rooms = m.map('rooms', {
  from: (db) => db.selectFrom('old.rooms as r'),
  key: ({ r }) => r.id,
  to: 'new.rooms',
  columns: ({ r }) => ({ id: sql<int4>`${r.id} + 100` }),
})

/** Boards whose layout is made of the old one. */
export const boards = (layout: (x: Expression<jsonb | null>) => Expression<jsonb | null>) =>
  m.map('boards', {
    from: (db) => db.selectFrom('old.boards as node'),
    key: ({ node }) => node.id,
    to: 'new.boards',
    columns: ({ node }) => ({ id: node.id, layout: layout(node.layout) }),
  })

export const named = { clinicId: clinics, 'the "clinics"': clinics, roomIds: rooms }

/** Carries the documents, numbered from 0: what became of them, the clinics' new ids, and the logs. */
export async function migrate(documents: readonly unknown[], layout: Parameters<typeof boards>[0]) {
  const values = documents.map((document, i) =>
    document === undefined ? `(${i}, null)` : `(${i}, '${JSON.stringify(document).replaceAll("'", "''")}')`,
  )
  const database = await databaseWith(`${schema} insert into old.boards values ${values}`)
  await carryOut(database, m.migration([boards(layout), rooms, clinics]))
  const ids = await database.query<{ source_key: string; id: string }>('select * from drover.crosswalk_clinics')
  const rows = await database.query<{ id: number; layout: unknown }>('select id, layout from new.boards order by id')
  const logs = await database.query<{ line: string }>(`
    select concat_ws(' ', 'note', source_key, column_name, code) as line from drover.note
    union all
    select concat_ws(' ', 'correction', source_key, column_name, code, original) from drover.correction
    union all
    select concat_ws(' ', 'quarantine', source_key, code, reasons) from drover.quarantine where mapping = 'boards'
    order by line`)
  return {
    id: (key: string) => ids.find((row) => row.source_key === key)!.id,
    layouts: Object.fromEntries(rows.map((row) => [row.id, row.layout])),
    logs: logs.map(({ line }) => line),
  }
}
