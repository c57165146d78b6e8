import type { RehearsalResult } from '../rehearsal/result.ts'
import { renderStage } from './carry-out-rehearsal.ts'
import { renderForecast } from './forecast-text.ts'

/** What a rehearsal showed, for people. */
export function renderRehearsal({ planHash, verdict, stages, notes, forecast }: RehearsalResult): string {
  return [
    ...stages.map(renderStage),
    ...(notes.length === 0 ? [] : ['', 'To know:', ...notes.map((note) => `  - ${note}`)]),
    ...(forecast === null ? [] : ['', renderForecast(forecast)]),
    '',
    verdict === 'pass'
      ? `The rehearsal of plan ${planHash.slice(0, 12)} has passed, its way back included.`
      : `The rehearsal of plan ${planHash.slice(0, 12)} has failed: see above.`,
  ].join('\n')
}
