import type { ResourceUse } from '../../../ledger/resources.ts'
import { renderCount } from '../../figures.ts'
import { renderResourceFigures } from '../../resource-figures.ts'
import { renderFacts } from '../facts.ts'
import { type Html, html, type Part } from '../markup.ts'
import { fit, type Space } from '../space.ts'
import { renderTable } from '../table.ts'
import { name, sentence } from '../text.ts'

/** What the run took of the server, what its sessions waited for, and who held what they waited for. */
export function renderServerUse(use: ResourceUse, space: Space, rest: Html): Html {
  const hidden = fit(
    space,
    use.hidden,
    20,
    ({ figure, why }) => html`<li>Not visible: ${name(figure)}, because ${sentence(why)}.</li>`,
  )
  return html`<div class="columns">
${renderFacts('What the run took of the server', renderResourceFigures(use))}
<div>${
    use.waits.length > 0 &&
    renderTable({
      caption: 'What its sessions were seen at',
      columns: [
        {
          title: 'at',
          kind: 'name',
          cell: ({ event }): Part => (event === 'none' ? 'at work' : html`waiting for ${name(event)}`),
        },
        { title: 'part', kind: 'figure', cell: ({ part }) => `${(part * 100).toFixed(1)} %` },
      ],
      rows: use.waits,
      space,
      most: 20,
      rest,
    })
  }
${
  use.lockHolders.length > 0 &&
  renderTable({
    caption: 'Who held locks that the run waited for',
    columns: [
      { title: 'application', kind: 'name', cell: ({ applicationName }) => name(applicationName) },
      { title: 'times seen', kind: 'figure', cell: ({ times }) => renderCount(times) },
    ],
    rows: use.lockHolders,
    space,
    most: 20,
    rest,
  })
}
${hidden.shown.length > 0 && html`<ul>${hidden.shown}</ul>`}
</div>
</div>`
}
