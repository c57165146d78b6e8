import { qualifiedName } from '../catalog/catalog.ts'
import type { Database } from '../db/connection.ts'
import { requireLedger } from '../ledger/install.ts'
import { type Landing, readLandingsIfAny } from '../ledger/landing.ts'
import { type LandingTally, readLandingTallies } from '../ledger/landing-chunk.ts'
import { renderCount, renderInstant } from '../report/figures.ts'
import { isoInstant, isoInstantOrNull } from '../report/instant.ts'
import { renderJsonValue } from './result.ts'
import { renderTable } from './table.ts'

/** A landing, and how far it is. */
export interface LandingStatus extends Landing {
  /** Of a table of another server. */
  readonly tally: LandingTally | null
}

/**
 * What was carried into the database, as the ledger knows it.
 *
 * @throws DroverError `ledger-missing`
 */
export function readLandingStatus(db: Database): Promise<readonly LandingStatus[]> {
  return db.transaction(
    async (tx) => {
      await requireLedger(tx)
      const landings = await readLandingsIfAny(tx)
      const tallies = landings.length === 0 ? new Map() : await readLandingTallies(tx)
      return landings.map((landing) => ({ ...landing, tally: tallies.get(landing.id) ?? null }))
    },
    { readOnly: true, settings: { transaction_isolation: 'repeatable read' } },
  )
}

/** As a table for people. */
export function renderLandings(landings: readonly LandingStatus[]): string {
  if (landings.length === 0) return 'Nothing has landed here.'
  return renderTable({
    columns: [
      { title: 'table', align: 'left' },
      { title: 'state', align: 'left' },
      { title: 'rows', align: 'right' },
      { title: 'from', align: 'left' },
      { title: 'compared', align: 'left' },
      { title: 'snapshot', align: 'right' },
      { title: 'landed', align: 'left' },
    ],
    rows: landings.map((landing) => [
      qualifiedName(landing),
      stateOf(landing),
      renderCount(landing.rows ?? landing.tally?.rows ?? null),
      originOf(landing),
      landing.state === 'landing' ? '–' : comparedBy(landing),
      landing.generation ?? '–',
      renderInstant(isoInstantOrNull(landing.finishedAt)),
    ]),
  })
}

function stateOf({ state, isThere, tally }: LandingStatus): string {
  if (!isThere) return 'gone'
  return state === 'landed' || tally === null ? state : `part ${tally.chunksDone} of ${tally.chunks}`
}

function originOf({ source, sourceTable }: Landing): string {
  return sourceTable === null ? source : `${qualifiedName(sourceTable)} of ${source}`
}

function comparedBy({ kind, proof, sha256 }: Landing): string {
  if (kind !== 'table') return `sha256 ${sha256!.slice(0, 12)}`
  return proof === null ? 'count' : `count, ${proof.algorithm}`
}

/** As JSON for programs; counts are text. */
export function renderLandingsJson(landings: readonly LandingStatus[]): string {
  return renderJsonValue({
    landings: landings.map(({ id: _, schema, name, sourceTable, ...landing }) => ({
      table: qualifiedName({ schema, name }),
      ...landing,
      sourceTable: sourceTable && qualifiedName(sourceTable),
      startedAt: isoInstant(landing.startedAt),
      finishedAt: isoInstantOrNull(landing.finishedAt),
    })),
  })
}
