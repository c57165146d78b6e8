import { defineMigration, ref } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const words = m.map('words', {
  from: (db) => db.selectFrom('legacy.words as w'),
  key: ({ w }) => w.word,
  to: 'app.words',
  targetKey: 'word',
  columns: ({ w }) => ({ word: w.word }),
})

const quotes = m.map('quotes', {
  from: (db) => db.selectFrom('legacy.quotes as q'),
  key: ({ q }) => [q.word, q.line],
  to: 'app.quotes',
  columns: ({ q }) => ({ line: q.line, word: ref(q.word, words).orQuarantine() }),
})

export default m.migration([words, quotes])
