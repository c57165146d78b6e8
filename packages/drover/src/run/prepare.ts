import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { takeTotals } from '../ledger/control-total.ts'
import { readSourceBytes } from '../ledger/source-bytes.ts'
import { markLoading, noteConstants } from '../ledger/step.ts'
import { ledgerTables, type MappingPlan } from '../plan/plan.ts'
import { parseName, type QualifiedName } from '../sql/nodes.ts'
import { requirePartitions } from './freeze.ts'

/**
 * Everything that happens to a mapping before its first chunk, in the caller's transaction: the stored query, the
 * crosswalk, merges and matches, the sums of the source, the chunks. Killed half-way, nothing of it has happened.
 */
export async function prepareMapping(
  tx: Queryable,
  runId: string,
  mapping: MappingPlan,
  rowsPerChunk: (rowBytes: number | null) => number,
): Promise<void> {
  const { statements } = mapping
  await requirePartitions(tx, runId, mapping)
  for (const statement of statements.storeSource) await tx.query(statement)
  await tx.query(statements.createCrosswalk)
  if (statements.createImages !== null) await tx.query(statements.createImages)
  if (statements.resolve !== null) await tx.query(statements.resolve)
  if (statements.findAmbiguousMatches !== null) await refuseAmbiguous(tx, mapping, statements.findAmbiguousMatches)
  for (const statement of statements.settleResolution) await tx.query(statement)
  const sourceRows = await count(tx, statements.countSource)
  const targetRows = await count(tx, statements.countTarget)
  await takeTotals(tx, runId, mapping, 'before')
  // To set a sequence is not undone with its transaction: where it stood is kept in one that has ended by then.
  for (const { note } of mapping.sequences) await tx.query(note, [runId])
  const sourceBytes = await readSourceBytes(tx, sourceOf(mapping))
  const rowBytes = sourceBytes === null ? null : Number(sourceBytes) / Math.max(1, Number(sourceRows))
  await tx.query(statements.cutChunks, [runId, rowsPerPiece(rowsPerChunk(rowBytes), Number(sourceRows))])
  const constants = mapping.columns.filter(({ reads, opaque }) => reads.length === 0 && !opaque).map(({ name }) => name)
  await noteConstants(tx, runId, mapping.name, constants)
  await markLoading(tx, runId, mapping.name, { sourceRows, targetRows, sourceBytes })
}

/** Pieces that a mapping is cut into at most: each is a row of the ledger, until chunks are made of them. */
const mostPieces = 100_000

/**
 * How many rows a piece takes, where a chunk is to have `rowsPerChunk`: what is larger than a chunk is cut when it is
 * picked.
 */
export function rowsPerPiece(rowsPerChunk: number, sourceRows: number): number {
  return Math.max(rowsPerChunk, Math.ceil(sourceRows / mostPieces))
}

/** The relation that the chunks read. */
function sourceOf({ name, source }: MappingPlan): QualifiedName {
  return source === 'query' ? ledgerTables.source(name) : parseName(source)
}

/** A count as int8 text. */
export async function count(tx: Queryable, statement: string): Promise<string> {
  const [row] = await tx.query(statement)
  return row?.n as string
}

/** @throws DroverError `match-not-injective` naming the pairs. */
export async function refuseAmbiguous(tx: Queryable, mapping: MappingPlan, statement: string): Promise<void> {
  const pairs = await tx.query(statement)
  if (pairs.length === 0) return
  throw new DroverError('match-not-injective', `Several source rows claim one existing row of ${mapping.target}.`, {
    where: `mapping ${mapping.name}, source keys ${pairs.map((pair) => `${pair.one} and ${pair.other}`).join('; ')}`,
    remedy: 'Make the match more exact, or declare an identity that makes those rows duplicates of each other.',
  })
}
