import type { ResourceUse } from '../ledger/resources.ts'
import type { RunSummary } from '../ledger/run.ts'
import { stateWords } from '../ledger/state.ts'
import { balances, type Tally } from '../ledger/tally.ts'
import { renderCount, renderDuration, renderInstant } from '../report/figures.ts'
import { isoInstantOrNull } from '../report/instant.ts'
import type { RunOutcome } from '../run/run.ts'
import { renderBalance, totalsOf } from './balance.ts'
import { type ExitCode, exitCodes } from './exit.ts'
import { renderUse } from './resources-text.ts'
import { renderJsonValue } from './result.ts'
import { tookMs, withIsoTimes } from './took.ts'

/** What a call of `drover run` came to. */
export interface RunResult {
  readonly outcome: RunOutcome
  readonly run: RunSummary
  readonly tallies: readonly Tally[]
  /** Null where no sample tells of it. */
  readonly resources: ResourceUse | null
}

/**
 * The exit code: done, done with quarantined rows, interrupted by a pause or by leaving others at work, or failed in any
 * other state.
 */
export function exitOf({ outcome, tallies }: RunResult): ExitCode {
  if (outcome.state === 'paused' || outcome.state === 'running') return exitCodes.interrupted
  if (outcome.state !== 'loaded' && outcome.state !== 'verified') return exitCodes.failed
  return totalsOf(tallies).quarantined > 0n ? exitCodes.quarantined : exitCodes.done
}

/** The result for people: what happened, and where every row went. */
export function renderResult(result: RunResult): string {
  const { quarantined } = totalsOf(result.tallies)
  return [
    headline(result),
    ...(result.outcome.alreadyLoaded || result.resources === null ? [] : [renderUse(result.resources)]),
    '',
    renderBalance(result.tallies),
    ...(quarantined > 0n ? ['', quarantineLine(quarantined, result.run.id)] : []),
  ].join('\n')
}

/** The result for programs. */
export function renderResultJson({ outcome, run, tallies, resources }: RunResult): string {
  return renderJsonValue({
    runId: run.id,
    migration: run.migration,
    planHash: run.planHash,
    state: outcome.state,
    alreadyLoaded: outcome.alreadyLoaded,
    startedAt: isoInstantOrNull(run.startedAt),
    finishedAt: isoInstantOrNull(run.finishedAt),
    resources,
    mappings: tallies.map((tally) => ({ ...withIsoTimes(tally), balances: balances(tally) })),
  })
}

function headline({ outcome, run }: RunResult): string {
  const { finishedAt } = run
  if (outcome.alreadyLoaded) {
    return `This plan was carried out by run ${run.id} on ${renderInstant(isoInstantOrNull(finishedAt))}. Nothing was changed.`
  }
  if (outcome.state === 'running') return `This process has left run ${run.id} of ${run.migration}, which goes on.`
  const ms = tookMs({ startedAt: run.startedAt, finishedAt })
  return `Run ${run.id} of ${run.migration} is ${stateWords(outcome.state)}${ms === null ? '' : ` after ${renderDuration(ms)}`}.`
}

function quarantineLine(quarantined: bigint, runId: string): string {
  const rows = quarantined === 1n ? '1 row is' : `${renderCount(quarantined)} rows are`
  return `${rows} quarantined: set aside with a reason each, the original kept. See drover quarantine list --run ${runId}.`
}
