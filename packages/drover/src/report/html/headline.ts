import { stateWords } from '../../ledger/state.ts'
import { renderRows } from '../figures.ts'
import type { Report } from '../report.ts'
import type { Tone } from './verdict-mark.ts'

/** The answer to the first question: did it work? */
export interface Headline {
  readonly tone: Tone
  readonly words: string
}

/** What a run came to, in one line. */
export function headlineOf(report: Report): Headline {
  const { verdict, rollback, run, mappings } = report
  if (rollback !== null) return ofRollback(rollback.verdict)
  if (verdict.carriedOut === 'in full') return ofFullRun(report)
  const done = mappings.filter(({ state }) => state === 'done').length
  const stopped = run.state === 'failed' || run.state === 'cancelled'
  return {
    tone: stopped ? 'fail' : 'none',
    words: `Not complete: the run is ${stateWords(run.state)}, ${done} of ${mappings.length} mappings are done`,
  }
}

function ofRollback(verdict: 'pass' | 'warn' | 'fail' | null): Headline {
  switch (verdict) {
    case null:
      return { tone: 'none', words: 'Being rolled back' }
    case 'pass':
      return { tone: 'pass', words: 'Rolled back: everything is as it was before the run' }
    case 'warn':
      return { tone: 'warn', words: 'Rolled back: as before the run, but for what others changed or a decision keeps' }
    case 'fail':
      return { tone: 'fail', words: 'Rolled back, and something differs from before the run' }
  }
}

function ofFullRun({ verdict, mappings, quarantine }: Report): Headline {
  if (mappings.some(({ state, balances }) => state === 'done' && !balances)) {
    return { tone: 'fail', words: 'Carried out in full, but not every source row is accounted for' }
  }
  const quarantined = mappings.reduce((sum, mapping) => sum + BigInt(mapping.quarantined), 0n)
  const open = quarantined - quarantine.reduce((sum, { accepted }) => sum + BigInt(accepted), 0n)
  const waiting = open > 0n ? `; ${renderRows(open, 'row')} ${open === 1n ? 'waits' : 'wait'} in quarantine` : ''
  switch (verdict.verification) {
    case 'fail':
      return { tone: 'fail', words: `Carried out in full, but verification failed${waiting}` }
    case 'not run':
      return { tone: 'warn', words: `Carried out in full, not verified${waiting}` }
    case 'warn':
      return { tone: 'warn', words: `Carried out in full, verified with warnings${waiting}` }
    case 'pass':
      return { tone: open > 0n ? 'warn' : 'pass', words: `Carried out in full and verified${waiting}` }
  }
}
