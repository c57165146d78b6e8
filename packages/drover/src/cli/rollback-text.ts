import type { RollbackFinding, RollbackVerdict } from '../ledger/rollback.ts'
import type { RollbackTally } from '../ledger/rollback-chunk.ts'
import { renderCount } from '../report/figures.ts'
import { showInvisible } from '../report/invisible.ts'
import type { RollbackOutcome } from '../rollback/rollback.ts'
import { renderTable } from './table.ts'

/** What a rollback did, and whether everything is as it was. */
export function renderRollback({ runId, state, verdict, findings, tallies, alreadyBack }: RollbackOutcome): string {
  if (state === 'rolling_back') {
    return `The rollback of run ${runId} is not finished. Go on with: drover rollback --run ${runId}`
  }
  const table = tallies.length === 0 ? [] : [renderTallies(tallies), '']
  return [
    ...(alreadyBack ? [`Run ${runId} was taken back before; nothing was done.`, ''] : []),
    ...table,
    ...findings.filter((finding) => finding.verdict !== 'pass').map(renderFinding),
    compared(findings),
    '',
    renderVerdict(runId, verdict ?? 'pass', 'above'),
  ].join('\n')
}

/**
 * What a rollback came to, in a sentence.
 *
 * @param where where all of it is told: `above`, or a command
 */
export function renderVerdict(id: string, verdict: RollbackVerdict, where: string): string {
  switch (verdict) {
    case 'pass':
      return `Run ${id} is taken back: rows, definitions and sequences are as they were before it.`
    case 'warn':
      return `Run ${id} is taken back. What is not as it was, others have changed, or a decision keeps: see ${where}.`
    case 'fail':
      return `Run ${id} is taken back, but something differs from the start that nobody else has changed: see ${where}.`
  }
}

/** How far the rollback of each mapping is, and what came of it. */
export function renderTallies(tallies: readonly RollbackTally[]): string {
  return renderTable({
    columns: [
      { title: 'mapping', align: 'left' },
      { title: 'removed', align: 'right' },
      { title: 'restored', align: 'right' },
      { title: 'kept', align: 'right' },
      { title: 'gone before', align: 'right' },
      { title: 'chunks', align: 'right' },
    ],
    rows: tallies.map(({ mapping, removed, restored, kept, gone, chunks, chunksDone }) => [
      mapping,
      renderCount(removed),
      renderCount(restored),
      renderCount(kept),
      renderCount(gone),
      `${renderCount(chunksDone)}/${renderCount(chunks)}`,
    ]),
  })
}

/** What was found equal, in one line: the fingerprints themselves are in the JSON. */
function compared(findings: readonly RollbackFinding[]): string {
  const tables = findings.filter(({ check }) => check === 'fingerprint')
  const equal = tables.filter(({ verdict }) => verdict === 'pass')
  return `${equal.length} of ${tables.length} tables have the rows that they had before the run, by fingerprint.`
}

function renderFinding({ verdict, check, detail }: RollbackFinding): string {
  return `${verdict.padEnd(4)}  ${check}: ${showInvisible(detail)}`
}
