import type { CheckableReport, ReportCheck } from '../report/check-report.ts'
import { renderCount, renderInstant } from '../report/figures.ts'
import { showInvisible } from '../report/invisible.ts'
import { renderTable } from './table.ts'

/** Differences of one check that are told at most. */
const toldDifferences = 20

/** What was checked of a report, what differs by name, and what that shows. */
export function renderReportCheck(
  { run, evidence }: CheckableReport,
  checks: readonly ReportCheck[],
  asked: { readonly seal: string | undefined; readonly againstLedger: boolean },
): string {
  const differ = checks.filter(({ differences }) => differences.length > 0)
  return [
    showInvisible(
      `Report of run ${run.id} of ${run.migration}, read ${renderInstant(evidence.readAt)} by ${evidence.readBy}.`,
    ),
    '',
    renderTable({
      columns: [
        { title: 'checked', align: 'left' },
        { title: '', align: 'left' },
        { title: 'found', align: 'left' },
      ],
      rows: checks.map(({ name, agreement, differences }) =>
        differences.length === 0
          ? [name, 'agrees', agreement]
          : [
              name,
              'differs',
              differences.length === 1 ? 'See below.' : `${renderCount(differences.length)} differences.`,
            ],
      ),
    }),
    ...(differ.length === 0 ? [] : ['', 'What differs:', ...differ.flatMap(linesOf)]),
    '',
    ...(differ.length === 0
      ? meaningOf(asked)
      : ['The file is not what drover wrote, or not the one that the seal is of; or the ledger has changed since.']),
  ].join('\n')
}

function linesOf({ name, differences }: ReportCheck): readonly string[] {
  const more = differences.length - toldDifferences
  return [
    ...differences.slice(0, toldDifferences).map((sentence) => `  - ${name}: ${showInvisible(sentence)}`),
    ...(more > 0 ? [`  - ${name}: ${renderCount(more)} more.`] : []),
  ]
}

/** A chain binds the parts of a file to each other, and to nothing outside of it. */
function meaningOf({
  seal,
  againstLedger,
}: {
  readonly seal: string | undefined
  readonly againstLedger: boolean
}): readonly string[] {
  if (seal !== undefined) return ['The file is the one that the seal was told of.']
  if (againstLedger) return ['What the file says of the run and of its chunks is what the ledger says now.']
  return [
    'All parts of the file agree with each other. Whoever changes a file can also recompute its seal: only the seal that was',
    'kept elsewhere (--seal), or the ledger (--against-ledger), shows that it is the report that was written.',
  ]
}
