import { capabilitiesOf } from '../catalog/capabilities.ts'
import { defaultOf } from './assigned.ts'
import type { Hazard, MappingPlan } from './plan.ts'
import type { MappingParts } from './row.ts'

/** What a user must know of before rows are written on the nodes of a cluster; none where the target is one server's. */
export function spreadHazards(parts: MappingParts, plan: MappingPlan): readonly Hazard[] {
  if (parts.target.distribution === undefined) return []
  const hazards: Hazard[] = []
  const { mapping, target } = parts
  const unseen = unseenColumns(parts, plan)
  if (!capabilitiesOf(target).comparesVersions && unseen.length > 0) {
    const what = mapping.kind === 'evolve' ? 'the rows that are updated there' : unseen.join(', ')
    hazards.push({
      name: 'unseen-changes',
      mapping: mapping.name,
      why: `Rows of ${mapping.to} bear no transaction that tells who wrote them, and ${what} cannot be computed again: what others change there after the load is not seen by verify, nor by a rollback, which keeps each row it restores as it found it.`,
    })
  }
  const moved = plan.sequences.filter(({ advance }) => advance !== null).map(({ name }) => name)
  if (moved.length > 0) {
    hazards.push({
      name: 'sequences-per-node',
      mapping: mapping.name,
      why: `${moved.join(', ')} ${moved.length === 1 ? 'is' : 'are'} set past the loaded rows on the coordinator alone: inserts by way of other nodes draw from ranges of their own.`,
    })
  }
  return hazards
}

/**
 * Columns of loaded rows that no statement can make again: those of functions, and defaults that differ from call to
 * call.
 */
function unseenColumns({ mapping, target, targetColumns }: MappingParts, plan: MappingPlan): readonly string[] {
  if (mapping.kind === 'evolve') return targetColumns.map(({ name }) => name)
  const left = target.columns.filter(
    (column) =>
      column.generated === null && !Object.hasOwn(mapping.columns, column.name) && defaultOf(column) === undefined,
  )
  return [...(plan.comparison?.notCompared ?? []), ...left.map(({ name }) => name)]
}
