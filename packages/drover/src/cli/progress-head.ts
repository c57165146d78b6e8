import type { Throttling } from '../ledger/sample.ts'
import { describeThrottling } from '../monitor/throttling.ts'
import { renderDuration } from '../report/figures.ts'
import { renderLeft } from './estimate-text.ts'
import type { Sample } from './progress.ts'

/**
 * The run as a whole in one line: `run 7, 12 s · 43 to 58 s left · throttled and waits: a replica is 45 s behind, …`.
 * Where the terminal is too narrow the estimate goes first, and the reason is cut.
 */
export function fitHead(sample: Sample, elapsedMs: number, columns: number): string {
  const { runId, tallies, outstanding, throttling, stopping } = sample
  const run = `run ${runId}, ${renderDuration(elapsedMs)}`
  // The last frame stays on the screen: what was left or held back a moment ago is no news of a run that is through.
  const isThrough = tallies.every(({ state }) => state === 'done')
  const left = isThrough || stopping !== undefined ? undefined : renderLeft(outstanding)
  const why = isThrough ? undefined : renderThrottling(throttling)
  const join = (...parts: readonly (string | undefined)[]) => parts.filter((part) => part !== undefined).join(' · ')
  const whole = join(run, left, why)
  if (whole.length <= columns) return whole
  const short = why === undefined ? run : join(run, why)
  return short.length <= columns ? short : `${short.slice(0, columns - 1)}…`
}

/** The process that holds back most, and how many others do too. */
function renderThrottling(throttling: readonly Throttling[]): string | undefined {
  const most = throttling.toSorted((a, b) => a.workers - b.workers)[0]
  if (most === undefined) return undefined
  const others = throttling.length - 1
  return others === 0 ? describeThrottling(most) : `${describeThrottling(most)} (${others} more)`
}
