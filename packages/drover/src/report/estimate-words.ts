import type { Estimate } from '../monitor/estimate.ts'
import { renderDuration } from './figures.ts'

/** `43 to 58 s`, `58 s to 1 min 10 s`; one time where both ends read alike. */
export function renderRange({ leastMs, mostMs }: Pick<Estimate, 'leastMs' | 'mostMs'>): string {
  const [least, most] = [renderDuration(leastMs), renderDuration(mostMs)]
  if (least === most) return least
  const [figure, unit, ...further] = least.split(' ')
  const isSameUnit = further.length === 0 && most.split(' ').length === 2 && most.endsWith(` ${unit}`)
  return `${isSameUnit ? figure : least} to ${most}`
}
