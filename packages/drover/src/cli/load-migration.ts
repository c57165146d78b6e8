import type { MigrationDefinition } from '../define/migration.ts'
import { DroverError } from '../error.ts'
import type { ModuleKind } from './load-failure.ts'
import { loadDefault, requireFile } from './load-module.ts'

const kind: ModuleKind = {
  noun: 'migration file',
  code: 'migration-file-unreadable',
  purpose: 'define the migration',
  isSecret: false,
}

/**
 * The migration that a file exports as default.
 *
 * @throws DroverError `migration-file-unreadable`, and what {@link loadDefault} throws.
 */
export async function loadMigration(file: string): Promise<MigrationDefinition> {
  // A migration is plain data, whichever copy of the library made it: its kind tells, not its class.
  const migration = (await loadDefault(file, kind)) as Partial<MigrationDefinition> | undefined
  if (migration?.kind === 'drover-migration') return migration as MigrationDefinition
  throw new DroverError(
    kind.code,
    migration === undefined
      ? 'The migration file has no default export.'
      : 'The default export of the migration file is not a migration.',
    { where: file, remedy: 'End the file with: export default m.migration([…]).' },
  )
}

/**
 * Makes sure that the file is there, before a server is asked for anything.
 *
 * @throws DroverError `migration-file-unreadable`
 */
export function requireMigrationFile(file: string): Promise<void> {
  return requireFile(file, kind)
}
