import type { MappingRepair, RepairOutcome } from '../repair/outcome.ts'
import { renderCount } from '../report/figures.ts'
import { renderTable } from './table.ts'

const counts = ['tried', 'loaded', 'merged', 'matched', 'excluded', 'quarantined', 'changed'] as const

/** What a repair did, mapping by mapping. */
export function renderRepair({ mappings }: RepairOutcome): string {
  return renderTable({
    columns: [
      { title: 'mapping', align: 'left' },
      ...counts.map((title) => ({
        title: title === 'quarantined' ? 'still quarantined' : title,
        align: 'right' as const,
      })),
    ],
    rows: mappings.map((mapping) => [mapping.mapping, ...counts.map((count) => renderCount(mapping[count]))]),
  })
}

/** Rows that are in quarantine after it, as before. */
export function stillQuarantined({ mappings }: RepairOutcome): bigint {
  return mappings.reduce((sum, { quarantined }: MappingRepair) => sum + quarantined, 0n)
}
