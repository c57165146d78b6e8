// biome-ignore-all lint/correctness/noUnusedImports: the blocks of the page use them
// biome-ignore-all lint/correctness/noUnusedVariables: the same
import { decimal, defineMigration, derivedUuid, instant, oneOf, ref, required, sql, type text } from 'drover'
// block: import { constant
// block: import { type ArrayOf
import type { New } from './new.types.ts'
import type { Old } from './old.types.ts'

const m = defineMigration<Old, New>({ name: 'library', cutover: '2025-06-01T00:00:00Z' })

// block: const zone

const subjects = m.map('subjects', {
  from: (db) => db.selectFrom('old.subjects as s'),
  key: ({ s }) => s.id,
  to: 'new.subjects',
  columns: ({ s }) => ({
    id: derivedUuid(sql<text>`${s.id}::text`, { entity: 'subjects' }),
    title: s.title,
    parent_id: ref(s.parent, m.later('subjects', 'new.subjects')).orNull('lost-parent'),
  }),
})

const books = m.map('books', {
  from: (db) => db.selectFrom('old.books as b'),
  key: ({ b }) => b.id,
  to: 'new.books',
  columns: ({ b }) => ({
    id: derivedUuid(sql<text>`${b.id}::text`, { entity: 'books' }),
    isbn: b.isbn,
    title: b.title,
    authors: b.authors,
    // block: language:
    subject_id: ref(b.subject, subjects).orNull('lost-subject'),
    price: decimal(b.price, { precision: 8, scale: 2 }).orNull(),
  }),
})

const readers = m.map('readers', {
  from: (db) => db.selectFrom('old.readers as r'),
  key: ({ r }) => r.id,
  to: 'new.readers',
  columns: ({ r }) => ({
    id: derivedUuid(sql<text>`${r.id}::text`, { entity: 'readers' }),
    name: r.name,
    email: required(r.email).orQuarantine('no-email'),
    standing: oneOf(r.standing, ['ok', 'warned', 'barred']).orQuarantine(),
    // block: interests:
    joined_at: instant(r.joined, { zone }).orQuarantine(),
    // Left to their defaults: newsletter.
  }),
})

// block: const copies = m.map

const loans = m.map('loans', {
  from: (db) => db.selectFrom('old.loans as l'),
  key: ({ l }) => l.id,
  to: 'new.loans',
  columns: ({ l }) => ({
    id: derivedUuid(sql<text>`${l.id}::text`, { entity: 'loans' }),
    reader_id: ref(required(l.reader).orQuarantine('no-reader'), readers).orQuarantine('lost-reader'),
    copy_id: ref([l.book, l.number], copies).orQuarantine('lost-copy'),
    taken_at: instant(l.taken, { zone }).orQuarantine(),
    returned_at: instant(l.returned, { zone }).orNull(),
  }),
})

export default m.migration([subjects, books, readers, copies, loans])
