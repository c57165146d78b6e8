import type { CodeComparison } from '../data-quality.ts'
import { renderCount } from '../figures.ts'
import { type Html, html } from '../html/markup.ts'
import type { ReportMapping } from '../report.ts'
import { type BarPair, largest, renderBars, renderBarsLegend } from './bars.ts'
import { renderNothing } from './frame.ts'

const mostTables = 30
const mostCodes = 20

/** Rows of each target before the run and after it. */
export function renderBeforeAfter(
  mappings: readonly Pick<ReportMapping, 'target' | 'targetRowsBefore' | 'targetRowsAfter'>[],
  id: string,
): Html {
  const counted = tablePairs(mappings)
  if (counted.length === 0) return renderNothing('No target was counted yet.')
  const { pairs, left } = largest(counted, mostTables)
  const grown = counted.filter(({ first, second }) => first !== null && second !== null && second > first).length
  const description = `${renderCount(grown)} of ${tables(counted.length)} hold more rows than before.`
  return html`${renderBarsLegend('before', 'after')}${renderBars(
    { id, title: 'Rows of the targets before and after', description },
    pairs,
  )}${left > 0 && renderNothing(`${tables(left)} more, each with fewer rows.`)}`
}

/** Rows that a check foresaw for each cause, and those that the run found. */
export function renderForeseen(codes: readonly CodeComparison[], id: string): Html {
  if (codes.length === 0) return renderNothing('Nothing was foreseen and nothing found.')
  const all = codes.map(({ mapping, code, column, foreseen, actual }) => ({
    name: [mapping, column, code].filter((part) => part !== null).join(' · '),
    first: foreseen === null ? null : BigInt(foreseen),
    second: BigInt(actual),
  }))
  const { pairs, left } = largest(all, mostCodes)
  const same = all.filter(({ first, second }) => first === second).length
  const description = `Of ${renderCount(all.length)} causes ${renderCount(same)} met as many rows as was foreseen.`
  return html`${renderBarsLegend('foreseen', 'found')}${renderBars(
    { id, title: 'Rows by cause, foreseen and found', description },
    pairs,
  )}${left > 0 && renderNothing(`${renderCount(left)} more, each with fewer rows.`)}`
}

/**
 * One pair for each table, in the order of the mappings. Where several load one table, each has counted it when it began and
 * when it was closed: no run makes a table smaller, so the least count is the first and the largest the last.
 */
function tablePairs(
  mappings: readonly Pick<ReportMapping, 'target' | 'targetRowsBefore' | 'targetRowsAfter'>[],
): readonly BarPair[] {
  const pairs = new Map<string, BarPair>()
  for (const { target, targetRowsBefore, targetRowsAfter } of mappings) {
    const known = pairs.get(target)
    const before = [known?.first ?? null, targetRowsBefore === null ? null : BigInt(targetRowsBefore)]
    const after = [known?.second ?? null, targetRowsAfter === null ? null : BigInt(targetRowsAfter)]
    pairs.set(target, {
      name: target,
      first: before.reduce((a, b) => (a === null || (b !== null && b < a) ? b : a)),
      second: after.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a)),
    })
  }
  return [...pairs.values()].filter(({ first, second }) => first !== null || second !== null)
}

function tables(count: number): string {
  return `${renderCount(count)} ${count === 1 ? 'table' : 'tables'}`
}
