import { DroverError } from '../../error.ts'
import type { ConflictKind } from '../../ledger/conflict.ts'
import { listKeys } from '../../verify/violations.ts'
import type { ConflictSummary } from './summary.ts'

const told: Readonly<Record<ConflictKind, string>> = {
  changed: 'changed since',
  deleted: 'deleted since',
  added: 'added since, with references to rows that would go',
  needed: 'needed by rows that stay',
}

/** The error that names the conflicts about which nothing is decided, by their keys (I8). */
export function undecidedError(runId: string, conflicts: readonly ConflictSummary[]): DroverError {
  const [first] = [...new Set(conflicts.map(({ table }) => table))]
  return new DroverError(
    'rollback-conflicts',
    'Others have written since the run, and it is not decided what becomes of that; nothing was touched.',
    {
      findings: conflicts.map(lineOf),
      where: `run ${runId}; all of them: select * from drover.conflict where run_id = ${runId} and decision is null`,
      remedy:
        'Decide for all with --on-conflict keep (they stay, and what they need) or --on-conflict discard (they go; the ' +
        `ledger keeps them), or table by table: --on-conflict ${first}=keep.`,
    },
  )
}

function lineOf({ table, kind, rows, keys }: ConflictSummary): string {
  return `${table}: ${rows} ${rows === 1n ? 'row' : 'rows'} ${told[kind]} (${listKeys({ count: rows, keys })})`
}
