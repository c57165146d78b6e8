import type { Outstanding } from '../monitor/estimate.ts'
import { renderRange } from '../report/estimate-words.ts'

/** `43 to 58 s left, then 2 more mappings`: when the run will be through; undefined where that cannot be told. */
export function renderLeft({ estimate, remaining: { rows, uncounted } }: Outstanding): string | undefined {
  if (estimate === null || rows === 0) return undefined
  const count = uncounted.length
  const then = count === 0 ? '' : `, then ${count} more ${count === 1 ? 'mapping' : 'mappings'}`
  return `${renderRange(estimate)} left${then}`
}
