import type { Estimate, Outstanding } from '../monitor/estimate.ts'
import { renderDuration } from '../report/figures.ts'

/** `43 to 58 s`, `58 s to 1 min 10 s`; one time where both ends read alike. */
export function renderRange({ leastMs, mostMs }: Pick<Estimate, 'leastMs' | 'mostMs'>): string {
  const [least, most] = [renderDuration(leastMs), renderDuration(mostMs)]
  if (least === most) return least
  const [figure, unit, ...further] = least.split(' ')
  const isSameUnit = further.length === 0 && most.split(' ').length === 2 && most.endsWith(` ${unit}`)
  return `${isSameUnit ? figure : least} to ${most}`
}

/** `43 to 58 s left, then 2 more mappings`: when the run will be through; undefined where that cannot be told. */
export function renderLeft({ estimate, remaining: { rows, uncounted } }: Outstanding): string | undefined {
  if (estimate === null || rows === 0) return undefined
  const count = uncounted.length
  const then = count === 0 ? '' : `, then ${count} more ${count === 1 ? 'mapping' : 'mappings'}`
  return `${renderRange(estimate)} left${then}`
}
