import { type Command, InvalidArgumentError } from 'commander'
import { renameSchemas } from '../../catalog/rename-schemas.ts'
import { renderTypes } from '../../catalog/types.ts'
import { configOption, readConfig } from '../config-file.ts'
import { connectionSettings, type DatabaseFlags, databaseOption, openNamed } from '../database.ts'
import { collect } from '../flags.ts'
import type { Io } from '../io.ts'
import { readSchemas } from '../read-schemas.ts'
import { writeResult } from '../result.ts'
import { openSource, renames, type SourceFlags, sourceOption, sourceUrl, withRenames } from '../source.ts'

interface TypesFlags extends DatabaseFlags, SourceFlags {
  readonly schema?: readonly string[]
  readonly interface: string
  readonly out?: string
}

/** `drover types`: the tables of some schemas as a TypeScript interface. */
export function defineTypes(command: Command, io: Io): void {
  withRenames(command)
    .description(
      'Writes a TypeScript interface of the tables and views of database schemas, for defineMigration. Reads the catalog and no rows.',
    )
    .addOption(databaseOption())
    .addOption(sourceOption('the target is read'))
    .addOption(configOption())
    .option('--schema <names>', 'schemas to read, separated by commas; repeatable (default: public)', collect)
    .option('--interface <name>', 'the name of the exported interface', typeName, 'Database')
    .option('--out <file>', 'where to write (default: stdout)')
    .addHelpText(
      'after',
      `
Examples:
  $ drover types --schema legacy --interface Legacy --out legacy.types.ts
  $ drover types --schema public,auth --interface App --out app.types.ts`,
    )
    .action(async (flags: TypesFlags) => {
      const config = await readConfig(flags, io.env)
      // Of a source that is another server, the types are those of its tables as they will land.
      const source = flags.sourceUrl === undefined ? undefined : sourceUrl(flags, config)
      const as = source === undefined ? (flags.as ?? new Map<string, string>()) : renames(flags, config)
      const read = flags.schema ?? ['public']
      const schemas = read.map((schema) => as.get(schema) ?? schema)
      const db = await (source === undefined ? openNamed(flags, io) : openSource(source, 0, connectionSettings(config)))
      try {
        const catalog = renameSchemas(await readSchemas(db, read), as)
        await writeResult(io, renderTypes(catalog, { interfaceName: flags.interface, schemas }), flags.out)
        if (catalog.tables.length === 0) {
          io.stderr.write(`The interface is empty: there is no table in ${read.join(', ')}.\n`)
        }
      } finally {
        await db.close()
      }
    })
}

function typeName(value: string): string {
  if (/^[A-Za-z_]\w*$/.test(value)) return value
  throw new InvalidArgumentError('It must be a name in TypeScript.')
}
