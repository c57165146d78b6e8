import type { Tally } from '../ledger/tally.ts'
import { describeThrottling } from '../monitor/throttling.ts'
import { renderCount, renderDuration, renderRows } from '../report/figures.ts'
import { absenceLine } from './absence.ts'
import { renderLeft } from './estimate-text.ts'
import type { Sample, Stopping, View } from './progress.ts'
import { movingSpeed } from './speed.ts'
import { type ThrottleChange, throttleChanges } from './throttle-changes.ts'
import { tookMs } from './took.ts'

/** At most how often a mapping under way gets a line, and the run its estimate, in milliseconds. */
const everyMs = 5_000

/** The lines that say that a process was asked to stop. */
export const stoppingLines: Readonly<Record<Stopping, string>> = {
  pausing: 'Pausing after the chunks under way. Ctrl-C again stops at once.',
  leaving: 'Leaving after the chunks under way; the run goes on. Ctrl-C again stops at once.',
}

/**
 * Plain lines for logs: one when a mapping starts, one when it ends, and one every few seconds between, with an estimate
 * of the run below; one when a process begins to hold back, and one when it has stopped doing so. What the
 * tallies `before` tell already, those of a run that was taken up or joined, is no news.
 */
export function linesView(before: readonly Tally[] = []): View {
  const mappings = new Map<string, { state: Tally['state']; lastAtMs: number; speed: ReturnType<typeof movingSpeed> }>()
  const stateBefore = new Map(before.map(({ mapping, state }) => [mapping, state]))
  const changesOf = throttleChanges()
  let wasStopping = false
  let estimatedAtMs = Number.NEGATIVE_INFINITY
  let rebuiltAtMs = Number.NEGATIVE_INFINITY
  return (shown) => {
    if ('absence' in shown) return `${absenceLine(shown)}\n`
    const { runId, tallies, outstanding, throttling, rebuilds, atMs, stopping } = shown
    const lines: string[] = []
    let isBetween = false
    if (stopping && !wasStopping) lines.push(stoppingLines[stopping])
    wasStopping = stopping !== undefined
    lines.push(...changesOf(throttling, atMs).map(throttleLine))
    for (const tally of tallies) {
      const known = mappings.get(tally.mapping) ?? {
        state: stateBefore.get(tally.mapping) ?? 'waiting',
        lastAtMs: atMs,
        speed: movingSpeed(),
      }
      const rowsPerSecond = known.speed(tally.read, atMs)
      if (known.state === 'waiting' && tally.state !== 'waiting') lines.push(startLine(tally))
      if (known.state !== 'done' && tally.state === 'done') lines.push(endLine(tally))
      const isDue = tally.state === 'loading' && known.state === 'loading' && atMs - known.lastAtMs >= everyMs
      if (isDue) lines.push(betweenLine(tally, rowsPerSecond))
      isBetween ||= isDue
      const lastAtMs = isDue || tally.state !== known.state ? atMs : known.lastAtMs
      mappings.set(tally.mapping, { ...known, state: tally.state, lastAtMs })
    }
    if (isRebuilding({ tallies, rebuilds }) && atMs - rebuiltAtMs >= everyMs) {
      lines.push(`run ${runId}: ${rebuildLine(rebuilds)}`)
      rebuiltAtMs = atMs
    }
    const left = stopping === undefined ? renderLeft(outstanding) : undefined
    if (isBetween && left !== undefined && atMs - estimatedAtMs >= everyMs) {
      lines.push(`run ${runId}: ${left}`)
      estimatedAtMs = atMs
    }
    return lines.map((line) => `${line}\n`).join('')
  }
}

/** Whether all rows are in, and something that was taken off the targets is still off. */
export function isRebuilding({ tallies, rebuilds }: Pick<Sample, 'tallies' | 'rebuilds'>): boolean {
  const isIn = ({ state, chunks, chunksDone }: Tally) => state === 'done' || (chunks > 0n && chunks === chunksDone)
  return rebuilds.done < rebuilds.all && tallies.every(isIn)
}

/** How far indexes and constraints are, in words. */
export function rebuildLine({ done, all }: Sample['rebuilds']): string {
  return `indexes and constraints, ${done} of ${all} made again`
}

function throttleLine(change: ThrottleChange): string {
  if (change.kind === 'released') return `${change.process} is not throttled any more`
  return `${change.throttling.process} is ${describeThrottling(change.throttling)}`
}

function startLine({ mapping, sourceRows }: Tally): string {
  return `${mapping}: started, ${renderRows(sourceRows ?? 0n, 'row')}`
}

function betweenLine(tally: Tally, rowsPerSecond: number | undefined): string {
  const speed = rowsPerSecond === undefined ? '' : `, ${renderCount(Math.round(rowsPerSecond))} rows/s`
  const { mapping, read, sourceRows, quarantined } = tally
  return `${mapping}: ${renderCount(read)} of ${renderCount(sourceRows)} rows${speed}, ${renderCount(quarantined)} quarantined`
}

function endLine(tally: Tally): string {
  const ms = tookMs(tally)
  const took = ms === null ? '' : ` in ${renderDuration(ms)}`
  return `${tally.mapping}: done, ${renderRows(tally.read, 'row')}${took}, ${renderCount(tally.quarantined)} quarantined`
}
