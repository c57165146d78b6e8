import { qualifiedName } from '../catalog/catalog.ts'
import type { Database, Transaction } from '../db/connection.ts'
import { defaultPatience, type PatienceLimits } from '../db/patience.ts'
import { retrying } from '../db/retry.ts'
import { asDroverError } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { installLedger } from '../ledger/install.ts'
import { type Landing, readLandings } from '../ledger/landing.ts'
import { droverVersion } from '../plan/version.ts'
import { begin } from './begin.ts'
import { usualChunkBytes } from './cut.ts'
import { defaultLandingWorkers } from './defaults.ts'
import { withLease } from './lease.ts'
import { lockTables } from './lock-tables.ts'
import { openAhead } from './open-ahead.ts'
import { bytesOf, readParts } from './parts.ts'
import type { LandingEvent, OnLandingEvent } from './progress.ts'
import { readShapes } from './read-shapes.ts'
import { carryOutRound } from './round.ts'
import { type Distributions, type Renames, readSelection, type Selection, type SourceTable } from './selection.ts'
import { withSnapshot } from './snapshot.ts'
import type { TableWork } from './work.ts'

/** What lands, where, and at which pace. */
export interface LandOptions {
  /** What of the source is to land. */
  readonly selection: Selection
  /** Schemas that have another name here. Default none. */
  readonly as?: Renames
  /** Tables that land spread over the nodes of a cluster; each is among those that are to land. Default none. */
  readonly distributions?: Distributions
  /** Chunks and proofs at the same time. Default 2. */
  readonly workers?: number
  /** Said by the operator: nothing writes to the source. Default false. */
  readonly frozen?: boolean
  /** Whether both sides are compared by a digest of every row, and not only counted. Default true. */
  readonly digest?: boolean
  /** About how much goes over in one transaction, in bytes. Default 8 to 64 MiB, several for each worker. */
  readonly chunkBytes?: number
  /** How long what passes by itself is waited for. */
  readonly limits?: PatienceLimits
  /** Aborted: what is under way is finished, and nothing else is begun. */
  readonly signal?: AbortSignal
  readonly onEvent?: OnLandingEvent
}

/** How many tables lie here now, and how many were there already. */
export interface LandResult {
  readonly tables: readonly string[]
  readonly hadLanded: number
}

/** How often in one call a snapshot may be lost. */
const snapshotsAtMost = 3

/**
 * Carries tables of another server into the target database, under one snapshot. Given again it goes on: with what is
 * missing where the source is frozen; else with everything that is not the same under a new snapshot, since tables that
 * were read under two would not agree. `source` needs one connection more than there are workers, `target` two.
 *
 * @throws DroverError `landing-refused`, `landing-busy`, `landing-differs`, `snapshot-lost`, `object-missing`,
 * `usage-invalid`, `interrupted`, `ledger-newer`, and what a server says.
 */
export async function land(source: Database, target: Database, options: LandOptions): Promise<LandResult> {
  const { selection, as = new Map(), frozen = false, limits = defaultPatience, onEvent = () => {} } = options
  const { workers = defaultLandingWorkers } = options
  const asked = await source.transaction((tx) => readSelection(tx, selection, as, source.label), { readOnly: true })
  requireAsked(asked, options.distributions)
  await Promise.all([
    target.transaction((tx) => installLedger(tx, droverVersion), { name: 'land' }),
    openAhead(target, workers + 1),
    openAhead(source, workers + 1),
  ])
  return withLease(target, async () => {
    let hadLanded: number | undefined
    for (let lost = 0; ; ) {
      const landings = await retrying(() => target.transaction((tx) => readLandings(tx), { readOnly: true }), limits)
      const missing = asked.filter((table) => !hasLanded(landings, table, source.label, options.distributions))
      hadLanded ??= asked.length - missing.length
      const result = { tables: asked.map(({ target: name }) => qualifiedName(name)), hadLanded }
      if (missing.length === 0) return result
      // What was read under two snapshots agrees only where nobody has written between them.
      const others = frozen ? [] : await retrying(() => againUnder(source, landings), limits)
      const isMissing = ({ target: { schema, name } }: SourceTable) =>
        missing.some((table) => table.target.schema === schema && table.target.name === name)
      const tables = [...missing, ...others.filter((table) => !isMissing(table))]
      const outcome = await landUnderSnapshot({ source, target }, tables, options)
      if (outcome === 'stopped') throw interrupted(frozen)
      if (outcome === 'done') return result
      if (++lost === snapshotsAtMost) throw snapshotWasLost(source.label)
      onEvent({ kind: 'note', text: 'The session that held the snapshot of the source was lost.' })
    }
  })
}

function hasLanded(
  landings: readonly Landing[],
  { schema, name, target }: SourceTable,
  source: string,
  distributions: Distributions = new Map(),
): boolean {
  const by = distributions.get(qualifiedName(target))
  return landings.some(
    (landing) =>
      landing.state === 'landed' &&
      landing.isThere &&
      landing.source === source &&
      landing.sourceTable?.schema === schema &&
      landing.sourceTable.name === name &&
      landing.schema === target.schema &&
      landing.name === target.name &&
      (by === undefined || by === landing.distributedBy),
  )
}

/** A name that is misspelt would let a table land on one node without a word. */
function requireAsked(tables: readonly SourceTable[], distributions: Distributions = new Map()): void {
  const names = tables.map(({ target }) => qualifiedName(target))
  const unknown = [...distributions.keys()].filter((name) => !names.includes(name))
  if (unknown.length === 0) return
  throw new DroverError('usage-invalid', `${unknown.join(', ')} would be distributed, and does not land.`, {
    remedy: `Name tables as they are called in the target: ${names.slice(0, 3).join(', ')}.`,
  })
}

/** What has landed of the source, as it is to land again under a new snapshot. */
async function againUnder(source: Database, landings: readonly Landing[]): Promise<readonly SourceTable[]> {
  const landed = landings.filter(
    ({ kind, source: from, state, isThere }) =>
      kind === 'table' && from === source.label && state === 'landed' && isThere,
  )
  if (landed.length === 0) return []
  const tables = landed.map(({ sourceTable }) => sourceTable!)
  const found = await source.transaction((tx) => readSelection(tx, { schemas: [], tables }, new Map(), source.label), {
    readOnly: true,
  })
  return found.map((table) => {
    const { schema, name } = landed.find(({ sourceTable }) => qualifiedName(sourceTable!) === qualifiedName(table))!
    return { ...table, target: { schema, name } }
  })
}

async function landUnderSnapshot(
  { source, target }: Record<'source' | 'target', Database>,
  tables: readonly SourceTable[],
  options: LandOptions,
): Promise<'done' | 'lost' | 'stopped'> {
  const { as = new Map(), distributions = new Map(), frozen = false, digest = true, onEvent = () => {} } = options
  const { workers = defaultLandingWorkers, limits = defaultPatience, signal = new AbortController().signal } = options
  const comparison = digest ? 'digest' : 'count'
  const lock = (tx: Transaction) => lockTables(tx, tables)
  const landAll = () =>
    withSnapshot(source, lock, async (exporter, snapshot) => {
      const shapes = await readShapes(exporter, tables)
      const parts = await readParts(exporter, tables)
      const chunkBytes = options.chunkBytes ?? usualChunkBytes(bytesOf(parts.flat()), workers)
      const beginning = { source: source.label, tables, shapes, parts, as, distributions, frozen, chunkBytes }
      const { generation, works, notes } = await target.transaction((tx) => begin(tx, beginning), {
        name: 'land begin',
      })
      onEvent(begunEvent(works))
      for (const text of notes) onEvent({ kind: 'note', text })
      const ends = { source, target, snapshot, generation, limits }
      const round = carryOutRound(ends, works, { workers, comparison, frozen, chunkBytes, signal, onEvent })
      // What fails from here on has been tried again where it was: it would not do to begin afresh.
      return round.then(
        (outcome) => ({ outcome }),
        (thrown: unknown) => ({ thrown }),
      )
    })
  const ended = await retrying(landAll, limits).catch((thrown: unknown) => {
    throw asDroverError(
      thrown,
      'statement-failed',
      'The landing could not be begun.',
      `${source.label}, ${target.label}`,
    )
  })
  if ('thrown' in ended) throw ended.thrown
  return ended.outcome
}

function begunEvent(works: readonly TableWork[]): LandingEvent {
  const chunks = works.flatMap((work) => work.chunks)
  return {
    kind: 'begun',
    tables: works.length,
    chunks: chunks.length,
    chunksDone: chunks.filter(({ isDone }) => isDone).length,
    bytes: bytesOf(works.flatMap(({ parts }) => parts)),
  }
}

function interrupted(frozen: boolean): DroverError {
  return new DroverError('interrupted', 'The landing was interrupted. What has landed stays.', {
    remedy: frozen
      ? 'Give the command again: it goes on from there.'
      : 'Give the command again. Its snapshot is gone: only where nothing writes to the source (--frozen) does it go on from there.',
  })
}

function snapshotWasLost(where: string): DroverError {
  return new DroverError('snapshot-lost', `The snapshot of the source was lost ${snapshotsAtMost} times.`, {
    where,
    why: 'the session that held it ended while tables were landing',
    remedy:
      'See what ends sessions that stand still for long (a pooler, idle_in_transaction_session_timeout, a firewall), then give the command again.',
  })
}
