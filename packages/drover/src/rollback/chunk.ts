import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import type { TriggerMode } from '../ledger/rollback.ts'
import type { RollbackChunk, RollbackCounts } from '../ledger/rollback-chunk.ts'
import { countChanged, isCompared } from './conflicts/compared.ts'
import { holdTables } from './hold.ts'
import { removalOf } from './remove.ts'
import { restorationOf } from './restore.ts'
import { unlinkStatement } from './unlink.ts'
import type { Way } from './way.ts'

/** A place beyond the last row that a table can have. */
export const beyond = '(4294967295,65535)'

/**
 * Takes one chunk back, in the caller's transaction. What became of each row is counted: none may be left over.
 *
 * @throws DroverError `rollback-conflicts` where rows were changed, or referred to, since the conflicts were looked for,
 * `rollback-refused` where a row would come back whose references lead nowhere.
 */
export async function undo(
  tx: Queryable,
  way: Way,
  chunk: RollbackChunk,
  triggers: TriggerMode,
): Promise<RollbackCounts> {
  const { runId } = way
  const step = way.steps.find(({ mapping }) => mapping.name === chunk.mapping)!
  const head = `/* drover run ${runId} ${chunk.mapping} rollback ${chunk.kind} ${chunk.number} */\n`
  const range = [runId, `(${chunk.lower},0)`, chunk.upper === null ? beyond : `(${chunk.upper},0)`]
  const count = async (statement: string) => BigInt((await tx.query(head + statement, range))[0]!.n as string)
  const carryOut = async (statement: string) => {
    const [row] = await tx.query(head + statement, range)
    const { missed, ...counts } = row as unknown as RollbackCounts & { readonly missed: string }
    if (BigInt(missed) > 0n) throw changedMeanwhile(chunk, BigInt(missed), 'changed')
    return counts
  }
  const hold = async (statement: string | null) => {
    if (statement !== null) await tx.query(head + statement)
  }
  const requireUnchanged = async () => {
    const n = isCompared(step) ? await countChanged(tx, way, step, range) : 0n
    if (n > 0n) throw changedMeanwhile(chunk, n, 'changed')
  }
  switch (chunk.kind) {
    case 'unlink': {
      const statement = unlinkStatement(way, step)
      // A reversal script cuts these ranges for mappings, too, to which the run has not come.
      if (statement === null) return { undone: '0', kept: '0', gone: '0' }
      await hold(holdTables([step.target]))
      await requireUnchanged()
      return carryOut(statement)
    }
    case 'restore': {
      const { hold: held, restore, stranded } = restorationOf(way, step)
      await hold(held)
      const counts = await carryOut(restore)
      for (const { constraint, statement } of triggers === 'replica role' ? stranded : []) {
        if ((await count(statement)) > 0n) throw refused(chunk, constraint)
      }
      return counts
    }
    case 'remove': {
      const { hold: held, lock, referred, remove } = removalOf(way, step)
      await hold(held)
      // Rows whose references were emptied are not what the transform makes of them any more; they were looked at
      // before that.
      if (unlinkStatement(way, step) === null) await requireUnchanged()
      if (lock !== null) await count(lock)
      for (const statement of referred) {
        const n = await count(statement)
        if (n > 0n) throw changedMeanwhile(chunk, n, 'added that refer to those that go')
      }
      return carryOut(remove)
    }
  }
}

function changedMeanwhile({ mapping }: RollbackChunk, rows: bigint, what: string): DroverError {
  return new DroverError('rollback-conflicts', `Rows were ${what} while the rollback was under way.`, {
    where: `mapping ${mapping}, ${rows} rows`,
    why: 'the application writes to the tables',
    remedy: 'Stop it, then give the command again: conflicts are looked for anew, and what is taken back stays so.',
  })
}

function refused({ mapping }: RollbackChunk, constraint: string): DroverError {
  return new DroverError('rollback-refused', 'A row as it was before the run would refer to a row that is gone.', {
    where: `mapping ${mapping}, constraint ${constraint}`,
    remedy: 'Bring that row back, or decide with --on-conflict keep for the table; then give the command again.',
  })
}
