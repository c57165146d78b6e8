import type { BegunTask } from '../ledger/progress.ts'
import { renderCount } from './figures.ts'

/** What a worker is at: `vals chunk 41, 50,000 rows`, `prepares vals`, `builds vals_pkey of public.vals`. */
export function taskWords(task: BegunTask): string {
  if (task.kind === 'chunk') return `${task.mapping} chunk ${task.chunk}, ${renderCount(task.rows)} rows`
  if (task.kind === 'build') return `builds ${task.chunk} of ${task.mapping}`
  return `${task.kind}s ${task.mapping}`
}
