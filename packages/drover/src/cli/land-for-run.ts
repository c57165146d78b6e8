import { qualifiedName } from '../catalog/catalog.ts'
import type { Database } from '../db/connection.ts'
import type { MigrationDefinition } from '../define/migration.ts'
import { defaultLandingWorkers } from '../landing/defaults.ts'
import { land } from '../landing/land.ts'
import { findPresent, type Renames } from '../landing/selection.ts'
import { readLandingsIfAny } from '../ledger/landing.ts'
import { tablesIn } from '../plan/lineage.ts'
import { parseName, type QualifiedName } from '../sql/nodes.ts'
import type { RunFlags } from './command/run.ts'
import { readConfig } from './config-file.ts'
import { connectionSettings, openNamed } from './database.ts'
import type { Io } from './io.ts'
import { landingProgress } from './landing-progress.ts'
import { loadMigration } from './load-migration.ts'
import { tablesOf } from './schemas.ts'
import { distributions, openSource, renames, sourceUrl } from './source.ts'

/**
 * Lands what a migration reads and the source has, where another server is named as the source and it has not landed yet.
 * Throws as `land`.
 */
export async function landForRun(file: string, flags: RunFlags, io: Io, signal: AbortSignal): Promise<void> {
  const config = await readConfig(flags, io.env)
  const url = sourceUrl(flags, config)
  if (url === undefined) return
  const migration = await loadMigration(file)
  const as = renames(flags, config)
  const workers = flags.workers ?? config.settings.workers ?? defaultLandingWorkers
  const source = await openSource(url, workers, connectionSettings(config))
  try {
    const target = await openNamed(flags, io, {
      connections: workers + 2,
      applicationName: 'drover land',
    })
    try {
      const wanted = namesAtSource(await tablesToLand(target, migration), as)
      const tables = await source.transaction((tx) => findPresent(tx, wanted), { readOnly: true })
      if (tables.length === 0) return
      const onEvent = landingProgress(io, flags.json ? 'events' : 'lines')
      const landing = tables.map(({ schema, name }) => qualifiedName({ schema: as.get(schema) ?? schema, name }))
      // The settings may speak of tables that this migration does not read.
      const spread = flags.distribute ?? new Map([...distributions(config)].filter(([name]) => landing.includes(name)))
      await land(source, target, {
        selection: { schemas: [], tables },
        as,
        distributions: spread,
        workers,
        signal,
        onEvent,
      })
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

/**
 * What a migration reads, and does not load itself. A table that only its checks ask is the target's own where it has one of
 * that name.
 */
async function tablesToLand(target: Database, migration: MigrationDefinition): Promise<readonly string[]> {
  const loaded = new Set(migration.mappings.map(({ to }) => to))
  const read = new Set(migration.mappings.flatMap((mapping) => tablesIn(mapping)))
  const tables = tablesOf(migration).filter((name) => !loaded.has(name))
  const own = await target.transaction(
    async (tx) => {
      const present = await findPresent(tx, tables.map(parseName))
      const landings = await readLandingsIfAny(tx)
      return present.map(qualifiedName).filter((name) => !landings.map(qualifiedName).includes(name))
    },
    { readOnly: true },
  )
  return tables.filter((name) => read.has(name) || !own.includes(name))
}

/** The names that tables would have at the source; none for one whose schema lands under another name. */
function namesAtSource(tables: readonly string[], as: Renames): readonly QualifiedName[] {
  const schemasThere = new Map([...as].map(([there, here]) => [here, there]))
  return tables.map(parseName).flatMap(({ schema, name }) => {
    const there = schemasThere.get(schema) ?? (as.has(schema) ? undefined : schema)
    return there === undefined ? [] : [{ schema: there, name }]
  })
}
