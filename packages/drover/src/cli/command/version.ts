import type { Command } from 'commander'
import { configOption } from '../config-file.ts'
import { type DatabaseFlags, databaseOption } from '../database.ts'
import type { Io } from '../io.ts'
import { renderJsonValue, writeResult } from '../result.ts'

interface VersionFlags extends DatabaseFlags {
  readonly server?: true
  readonly json?: true
}

/** `drover version`: what a bug report needs. */
export function defineVersion(command: Command, io: Io): void {
  command
    .description(
      'Prints the versions of drover, of what it runs on and of what it connects with; with --server or --database-url also those of the server, its extensions and the ledger. Nothing of it is secret: it belongs into a bug report.',
    )
    .option('--server', 'ask the database that environment or config file name, too (default: connect to nothing)')
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
drover --version is the same; drover -V prints the number of drover alone.

Examples:
  $ drover version
  $ drover version --server`,
    )
    .action(async (flags: VersionFlags) => {
      const { localVersions } = await import('../versions.ts')
      const local = localVersions()
      const asks = flags.server === true || flags.databaseUrl !== undefined
      const remote = asks ? await askServer(flags, io) : []
      const versions = [...local, ...remote]
      const text = flags.json
        ? renderJsonValue(Object.fromEntries(versions))
        : versions.map(([name, version]) => `${name.padEnd(15)} ${version}`).join('\n')
      await writeResult(io, text, undefined)
    })
}

async function askServer(flags: VersionFlags, io: Io) {
  const { withDatabase } = await import('../named-run.ts')
  const { readServerVersions } = await import('../../monitor/server-versions.ts')
  return withDatabase(flags, io, readServerVersions)
}
