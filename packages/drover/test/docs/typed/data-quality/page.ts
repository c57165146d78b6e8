// biome-ignore-all lint/correctness/noUnusedImports: the blocks of the page use them
// biome-ignore-all lint/correctness/noUnusedVariables: the same
import { defineMigration, derivedUuid, sameAs, type text, type uuid } from 'drover'

// block: import pairs from

const m = defineMigration<{ 'legacy.customers': { id: text } }, { 'app.customers': { id: uuid } }>({
  name: 'shop',
  cutover: '2025-06-01T00:00:00Z',
})

m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  // block: identity: ({ c }) => [sameAs
  to: 'app.customers',
  columns: ({ c }) => ({ id: derivedUuid(c.id) }),
})
