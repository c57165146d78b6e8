import type { RunSummary } from '../../ledger/run.ts'
import { stateWords } from '../../ledger/state.ts'
import { renderInstant } from '../../report/figures.ts'
import { html } from '../../report/html/markup.ts'
import { newSpace } from '../../report/html/space.ts'
import { renderTable } from '../../report/html/table.ts'
import { name, remark } from '../../report/html/text.ts'
import { isoInstantOrNull } from '../../report/instant.ts'
import { runAddress } from '../address.ts'
import type { Leaf } from './frame.ts'
import { pageBytes } from './space.ts'

/** The list of runs, the newest first. */
export function runsLeaf(runs: readonly RunSummary[], most: number): Leaf {
  if (runs.length === 0)
    return { title: 'Runs', main: html`<p>The ledger holds no run. Start one with drover run.</p>` }
  return {
    title: 'Runs',
    main: html`${renderTable({
      caption: 'Runs of this database, the newest first',
      columns: [
        { title: 'run', kind: 'name', cell: ({ id }) => html`<a href="${runAddress(id)}">${id}</a>` },
        { title: 'migration', kind: 'words', cell: ({ migration }) => name(migration) },
        { title: 'state', kind: 'words', cell: ({ state }) => stateWords(state) },
        { title: 'started', kind: 'words', cell: ({ startedAt }) => renderInstant(isoInstantOrNull(startedAt)) },
        { title: 'finished', kind: 'words', cell: ({ finishedAt }) => renderInstant(isoInstantOrNull(finishedAt)) },
        { title: 'by', kind: 'words', cell: ({ startedBy }) => name(startedBy) },
        { title: 'plan', kind: 'words', cell: ({ planHash }) => name(planHash.slice(0, 12)) },
      ],
      rows: runs.slice(0, most),
      space: newSpace(pageBytes),
      rest: 'older runs: drover status --run shows each',
    })}
${runs.length > most && remark('There are older runs: drover status --run shows each.')}`,
  }
}
