import type { Queryable } from '../db/connection.ts'
import type { Chunk } from '../ledger/chunk.ts'
import { inPartitions } from '../plan/partitions.ts'
import { checkConstraintsAtOnce, type MappingPlan } from '../plan/plan.ts'
import { computeRows, type RowFunctions } from './compute.ts'
import { holdSource, requirePartitions } from './freeze.ts'

/** A claimed chunk with what it takes to carry it out. */
export interface ChunkWork {
  readonly runId: string
  readonly mapping: MappingPlan
  readonly chunk: Chunk
  readonly functions: RowFunctions
}

/** I1: everything that a chunk does to the database is one statement, in the transaction that holds its claim. */
export async function carryOutChunk(tx: Queryable, work: ChunkWork): Promise<void> {
  const { runId, mapping, chunk, functions } = work
  await tx.query(checkConstraintsAtOnce)
  await holdSource(tx, runId, mapping)
  // Here, so that a partition which is gone is told by its name; and again when those of the chunk are locked.
  await requirePartitions(tx, runId, mapping)
  if (mapping.statements.holdTarget !== undefined) await tx.query(mapping.statements.holdTarget)
  const computed = mapping.compute === null ? [] : [await computeRows(tx, mapping, chunk, functions)]
  const statement = inPartitions(mapping, mapping.statements.chunk, [chunk.lower, chunk.upper])
  await tx.query(`/* drover run ${runId} ${mapping.name} chunk ${chunk.number} */\n${statement}`, [
    runId,
    chunk.number,
    chunk.lower,
    chunk.upper,
    ...computed,
  ])
  await requirePartitions(tx, runId, mapping)
}
