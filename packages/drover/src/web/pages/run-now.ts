import type { BegunTask } from '../../ledger/progress.ts'
import type { Activity, WorkerActivity } from '../../monitor/activity.ts'
import { renderRange } from '../../report/estimate-words.ts'
import { renderBytes, renderCount, renderDuration } from '../../report/figures.ts'
import { type Html, html, type Part } from '../../report/html/markup.ts'
import { newSpace } from '../../report/html/space.ts'
import { renderTable } from '../../report/html/table.ts'
import { name, sentence } from '../../report/html/text.ts'
import { verdictMark } from '../../report/html/verdict-mark.ts'
import { taskWords } from '../../report/task-words.ts'
import { pageBytes } from './space.ts'

/** What the run does now: how fast, until when, who works on what, and why it does not go faster. */
export function renderNow({ workers, lost, processes, estimate, remainingRows, uncounted, waits }: Activity): Html {
  return html`<h2>Now</h2>
${estimate !== null && workers.length + processes.length > 0 && renderEstimate(estimate, remainingRows)}
${uncounted.length > 0 && html`<p>Not counted yet: ${uncounted.slice(0, 20).map((mapping, i) => html`${i > 0 && ', '}${name(mapping)}`)}${uncounted.length > 20 && ` and ${uncounted.length - 20} more`}.</p>`}
${waits.length > 0 && html`<ul class="waits">${waits.slice(0, 30).map((wait) => html`<li>${sentence(wait)}</li>\n`)}</ul>`}
${workers.length + lost.length > 0 && renderWorkers(workers, lost)}
${
  processes.length > 0 &&
  html`<ul class="soft">${processes.map(
    ({ process, figures }) =>
      html`<li>${name(process)}: ${Math.round(figures.cpuPart * 100)} % of a core, ${renderBytes(figures.rssBytes)} of memory</li>\n`,
  )}</ul>`
}`
}

function renderEstimate(estimate: NonNullable<Activity['estimate']>, remainingRows: number): Html {
  return html`<dl class="figures">
<div><dt>rows a second</dt><dd>${renderCount(Math.round(estimate.rowsPerSecond))}</dd></div>
<div><dt>rows left</dt><dd>${renderCount(remainingRows)}</dd></div>
${remainingRows > 0 && html`<div><dt>time left</dt><dd>${renderRange(estimate)}</dd></div>`}
</dl>`
}

type Line = { readonly seen: WorkerActivity } | { readonly lost: BegunTask }

function renderWorkers(workers: readonly WorkerActivity[], lost: readonly BegunTask[]): Html {
  const column = (
    title: string,
    kind: 'words' | 'figure',
    cell: (worker: WorkerActivity) => Part,
    gone: Part = '–',
  ) => ({
    title,
    kind,
    cell: (line: Line) => ('seen' in line ? cell(line.seen) : gone),
  })
  return renderTable<Line>({
    caption: 'Workers',
    isFiltered: false,
    columns: [
      { title: 'worker', kind: 'name', cell: (line) => name('seen' in line ? line.seen.worker : line.lost.worker) },
      column('', 'words', () => verdictMark('pass', 'at work'), verdictMark('fail', 'dead')),
      {
        title: 'does',
        kind: 'words',
        cell: (line) =>
          'seen' in line ? doing(line.seen) : html`had begun ${sentence(taskWords(line.lost))}: open again`,
      },
      column('for', 'figure', ({ transactionMs }) => renderDuration(transactionMs)),
      column('waits for', 'words', ({ waitEvent }) => waitEvent ?? ''),
      column('from', 'words', ({ clientAddress }) => clientAddress ?? 'local'),
      column('session', 'figure', ({ pid }) => String(pid)),
    ],
    rows: [...workers.map((seen) => ({ seen })), ...lost.map((task) => ({ lost: task }))],
    space: newSpace(pageBytes),
    rest: 'drover status shows all of them',
  })
}

function doing({ task }: WorkerActivity): Part {
  return task === null ? 'looks for work' : sentence(taskWords(task))
}
