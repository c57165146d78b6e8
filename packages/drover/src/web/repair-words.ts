import type { MappingCount } from '../repair/accept.ts'
import type { MappingRepair, RepairOutcome } from '../repair/outcome.ts'
import { renderRows } from '../report/figures.ts'

const dispositions = ['loaded', 'merged', 'matched', 'excluded', 'quarantined'] as const

/** What a repair did, as a sentence for each mapping. */
export function repairSentence({ mappings }: RepairOutcome): string {
  if (mappings.length === 0) return 'There was no such row to try.'
  return mappings.map(mappingSentence).join(' ')
}

function mappingSentence(repair: MappingRepair): string {
  const became = dispositions.filter((name) => repair[name] > 0n).map((name) => `${repair[name]} ${name}`)
  const parts = [
    ...(repair.tried > 0n ? [`${renderRows(repair.tried, 'row')} tried (${became.join(', ')})`] : []),
    ...(repair.changed > 0n ? [`${renderRows(repair.changed, 'row')} changed`] : []),
    ...(repair.withdrawn > 0n ? [`${renderRows(repair.withdrawn, 'row')} withdrawn`] : []),
  ]
  return `${repair.mapping}: ${parts.join(', ')}.`
}

/** Of how many rows something was decided. */
export function countsSentence(counts: readonly MappingCount[]): string {
  return `${counts.map(({ mapping, rows }) => `${mapping}: ${renderRows(rows, 'row')}`).join(', ')}.`
}
