import { qualifiedName } from '../catalog/catalog.ts'
import type { Queryable } from '../db/connection.ts'
import { retrying } from '../db/retry.ts'
import { DroverError } from '../error.ts'
import { type LandingProof, landingAlgorithm } from '../ledger/landing.ts'
import type { Ends } from './ends.ts'
import { landingSettings, type snapshotLost, underSnapshot } from './snapshot.ts'
import { countQuery, digestQuery } from './statements.ts'
import type { LandingTable } from './table.ts'

/** How both sides are compared: by a hash of every row, or by how many there are. */
export type Comparison = 'digest' | 'count'

/** How many rows one side holds, and their digest where one is taken. */
export interface Proof {
  readonly rows: string
  readonly digest: LandingProof | null
}

/** What the source shows of a table under the snapshot, or {@link snapshotLost}. */
export function proveSource(
  { source, snapshot, limits }: Ends,
  table: LandingTable,
  comparison: Comparison,
): Promise<Proof | typeof snapshotLost> {
  return retrying(() => underSnapshot(source, snapshot, (tx) => readProof(tx, 'source', table, comparison)), limits)
}

/** What has landed of it. */
export function proveTarget({ target, limits }: Ends, table: LandingTable, comparison: Comparison): Promise<Proof> {
  return retrying(
    () =>
      target.transaction((tx) => readProof(tx, 'target', table, comparison), {
        name: 'land proof',
        readOnly: true,
        statementTimeoutMs: 0,
        settings: landingSettings,
      }),
    limits,
  )
}

async function readProof(
  tx: Queryable,
  side: 'source' | 'target',
  table: LandingTable,
  comparison: Comparison,
): Promise<Proof> {
  const [row] = await tx.query(
    comparison === 'count' ? countQuery(table[side]) : digestQuery(table[side], table.definition, side),
  )
  const { rows, first, second } = row as unknown as Record<'rows' | 'first' | 'second', string>
  return { rows, digest: comparison === 'count' ? null : { algorithm: landingAlgorithm, first, second } }
}

/** Whether both tell the same. */
export function provesSame(a: Proof, b: Proof): boolean {
  return a.rows === b.rows && a.digest?.first === b.digest?.first && a.digest?.second === b.digest?.second
}

/** @throws DroverError `landing-differs` */
export function requireSame({ source, target }: LandingTable, there: Proof, here: Proof, frozen: boolean): void {
  if (provesSame(there, here)) return
  throw new DroverError(
    'landing-differs',
    `What has landed of ${qualifiedName(source)} is not what the source holds.`,
    {
      where: `table ${qualifiedName(target)}`,
      why:
        there.rows === here.rows
          ? 'the rows are as many, and their digests differ'
          : `the source holds ${there.rows} rows, ${here.rows} have landed`,
      remedy: frozen
        ? 'Somebody has written to the source, although --frozen said that nobody does. Give the command without it: everything lands again under one snapshot.'
        : 'Give the command again: the table lands anew.',
    },
  )
}
