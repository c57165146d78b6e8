import { dispositions } from '../plan/disposition.ts'
import type { ControlTotal } from './control-totals.ts'
import { renderAmount, renderCount } from './figures.ts'
import { left, none, renderName, renderTable, renderText, right } from './markdown.ts'

/** The declared sums: where they went, and the groups in which source and target differ. */
export function renderControlTotals(totals: readonly ControlTotal[]): string {
  if (totals.length === 0) return none
  const sums = renderTable(
    [
      left('mapping'),
      left('total'),
      right('source before'),
      ...dispositions.map(right),
      left('adds up'),
      right('target'),
      left('verified'),
      left('found then'),
    ],
    totals.map((total) => [
      renderName(total.mapping),
      renderName(total.name),
      renderAmount(total.source),
      ...dispositions.map((name) => renderAmount(total.dispositions?.[name] ?? '–')),
      total.dispositions === null ? 'loading' : total.addsUp ? 'yes' : '**no**',
      renderAmount(total.target ?? '–'),
      total.verdict === 'fail' ? '**fail**' : total.verdict,
      total.found === null ? '–' : renderText(total.found),
    ]),
  )
  return [sums, ...totals.filter(({ differences }) => differences.length > 0).map(renderDifferences)].join('\n\n')
}

function renderDifferences({ mapping, name, by, differingGroups, differences }: ControlTotal): string {
  const more = BigInt(differingGroups) - BigInt(differences.length)
  const title = `Groups of ${renderName(name)} of ${renderName(mapping)} that were loaded with another sum${more > 0n ? `, and ${renderCount(more)} more` : ''}:`
  const table = renderTable(
    [...by.map((label) => left(renderText(label))), right('rows'), right('source'), right('target')],
    differences.map(({ group, rows, source, target }) => [
      ...group.map((value) => (value === null ? '–' : renderName(value))),
      renderCount(rows),
      renderAmount(source),
      renderAmount(target),
    ]),
  )
  return `${title}\n\n${table}`
}
