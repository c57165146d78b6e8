import type { Run } from '../ledger/run.ts'
import type { RunState } from '../ledger/state.ts'
import { selectionWords } from './selection-words.ts'

/** States from which no way leads to a run whose rows can be mended. */
export const beyondMending: readonly RunState[] = ['cancelled', 'finalized', 'rolling_back', 'rolled_back']

/** Quarantined rows of one cause. */
interface Cause {
  readonly mapping: string
  readonly code: string
  /** Rows for which it is not decided that they stay out. */
  readonly waiting: bigint
}

/**
 * The commands that list the rows of a cause and, as long as that can come of it, try them again. The migration's file
 * is not in the ledger: `migration.ts` stands for it where the plan calls functions of it.
 */
export function quarantineCommands(
  { id, plan, state }: Pick<Run, 'id' | 'plan' | 'state'>,
  cause: Cause,
): readonly string[] {
  const { mapping, code, waiting } = cause
  // A list of codes is divided at commas: one that holds any cannot be named.
  const isNamed = code !== '' && code === code.trim() && !code.includes(',')
  const words = selectionWords({ id }, isNamed ? { mapping, codes: [code] } : { mapping })
  const file = plan.mappings.some(({ compute }) => compute !== null) ? ' migration.ts' : ''
  const canRetry = waiting > 0n && !beyondMending.includes(state)
  return [`drover quarantine list ${words}`, ...(canRetry ? [`drover quarantine retry${file} ${words}`] : [])]
}
