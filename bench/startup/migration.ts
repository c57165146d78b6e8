import { renderMappings } from '../types/mappings.ts'
import { renderSchemas } from '../types/schemas.ts'

/** The files of a migration of `tables` tables of 25 columns, by name; `migration.ts` is the one to plan. */
export function migrationFiles(tables: number): ReadonlyMap<string, string> {
  const mappings = renderMappings(tables, 'hubs')
  return new Map([['schemas.ts', renderSchemas(tables)], ...mappings, ['migration.ts', renderMigration(mappings)]])
}

function renderMigration(mappings: ReadonlyMap<string, string>): string {
  const files = [...mappings].map(([file, text]) => ({
    file,
    names: [...text.matchAll(/^export const (t\d+) /gm)].map((match) => match[1]!),
  }))
  return [
    `import { defineMigration } from 'drover'`,
    ...files.map(({ file, names }) => `import { ${names.join(', ')} } from './${file}'`),
    `import type { App, Legacy } from './schemas.ts'`,
    '',
    `const m = defineMigration<Legacy, App>({ name: 'bench', cutover: '2025-06-01T00:00:00Z' })`,
    `export default m.migration([${files.flatMap(({ names }) => names).join(', ')}])`,
    '',
  ].join('\n')
}
