import type { RollbackFinding } from '../ledger/rollback.ts'
import type { RollbackTally } from '../ledger/rollback-chunk.ts'
import { renderCount } from '../report/figures.ts'
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
    verdicts[verdict ?? 'pass'](runId),
  ].join('\n')
}

const verdicts = {
  pass: (id: string) => `Run ${id} is taken back: rows, definitions and sequences are as they were before it.`,
  warn: (id: string) =>
    `Run ${id} is taken back. What is not as it was, others have changed, or a decision keeps: see above.`,
  fail: (id: string) =>
    `Run ${id} is taken back, but something differs from the start that nobody else has changed: see above.`,
} as const

function renderTallies(tallies: readonly RollbackTally[]): string {
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
  return `${verdict.padEnd(4)}  ${check}: ${detail}`
}
