import { qualifiedName } from '../catalog/catalog.ts'
import type { Database } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { defaultLandingWorkers } from '../landing/defaults.ts'
import { dropLanded } from '../landing/drop.ts'
import { landFile } from '../landing/file/land-file.ts'
import { land } from '../landing/land.ts'
import { parseName } from '../sql/nodes.ts'
import type { LandFlags } from './command/land.ts'
import { type ReadConfig, readConfig } from './config-file.ts'
import { connectionSettings, openNamed } from './database.ts'
import { listenForInterrupt } from './interrupt.ts'
import type { Io } from './io.ts'
import { landingProgress } from './landing-progress.ts'
import { readLandingStatus, renderLandings, renderLandingsJson } from './landing-text.ts'
import { writeResult } from './result.ts'
import { distributions, openSource, renames, sourceUrl } from './source.ts'

/** Everything of `drover land` between its flags and its exit code. */
export async function carryOutLanding(flags: LandFlags, io: Io): Promise<void> {
  const config = await readConfig(flags, io.env)
  const workers = flags.workers ?? config.settings.workers ?? defaultLandingWorkers
  const source = flags.status || flags.drop ? undefined : namedSource(flags, config)
  // Each worker has one, and so have the right to land and what is asked between the chunks.
  const target = await openNamed(flags, io, {
    connections: workers + 2,
    applicationName: 'drover land',
  })
  try {
    if (flags.drop) {
      const dropped = await dropLanded(target, meantBy(flags))
      io.stderr.write(dropped.length === 0 ? 'Nothing was to be dropped.\n' : `Dropped ${dropped.join(', ')}.\n`)
    } else if (!flags.status) await landAll(target, { source, workers }, flags, io, config)
    const status = await readLandingStatus(target)
    await writeResult(io, flags.json ? renderLandingsJson(status) : renderLandings(status), undefined)
  } finally {
    await target.close()
  }
}

/** Where the tables come from; undefined where only files are to land. */
function namedSource(flags: LandFlags, config: ReadConfig): string | undefined {
  if (flags.file !== undefined && flags.schema === undefined && flags.table === undefined) return undefined
  const url = sourceUrl(flags, config)
  if (url !== undefined) return url
  throw new DroverError('usage-invalid', 'No source is named.', {
    remedy:
      'Give --source-url postgresql://user:password@host:5432/database, or set DROVER_SOURCE_URL, or sourceUrl in drover.config.ts; or --file for a file.',
  })
}

async function landAll(
  target: Database,
  { source: url, workers }: { readonly source: string | undefined; readonly workers: number },
  flags: LandFlags,
  io: Io,
  config: ReadConfig,
): Promise<void> {
  const { schema: schemas = [], table: tables = [], frozen = false, digest } = flags
  const onEvent = landingProgress(io, flags.json ? 'events' : 'lines')
  for (const file of flags.file ?? []) await landFile(target, file, onEvent)
  if (url === undefined) return
  const source = await openSource(url, workers, connectionSettings(config))
  const { signal, release } = listenForInterrupt(io)
  signal.addEventListener('abort', () => {
    io.stderr.write('Stopping after the parts under way. Ctrl-C again stops at once.\n')
  })
  try {
    const selection = { schemas, tables: tables.map(parseName) }
    const as = renames(flags, config)
    // The settings may speak of tables that are not to land now; who gives the flag means what lands.
    const isSelected = (name: string) => {
      const { schema } = parseName(name)
      const there = schemas.map((each) => as.get(each) ?? each)
      const named = tables
        .map(parseName)
        .map((table) => qualifiedName({ ...table, schema: as.get(table.schema) ?? table.schema }))
      return (there.length === 0 && named.length === 0) || there.includes(schema) || named.includes(name)
    }
    const spread = flags.distribute ?? new Map([...distributions(config)].filter(([name]) => isSelected(name)))
    await land(source, target, { selection, as, distributions: spread, workers, frozen, digest, signal, onEvent })
  } finally {
    release()
    await source.close()
  }
}

/** Which landings `--drop` means; all where no flag says so. */
function meantBy({ schema, table, file }: LandFlags): Parameters<typeof dropLanded>[1] {
  const names = [...(table ?? []), ...(file ?? []).map(({ target }) => qualifiedName(target))]
  if (schema === undefined && names.length === 0) return () => true
  return (landing) => (schema ?? []).includes(landing.schema) || names.includes(qualifiedName(landing))
}
