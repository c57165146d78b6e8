import type { MappingDefinition } from '../define/mapping.ts'
import { readsOf } from './lineage.ts'
import type { Source } from './source.ts'

/** Complains of columns that are to be hidden and would show: in keys, which every output names, or in before-images. */
export function checkMasks(mapping: MappingDefinition, source: Source, complain: (what: string) => void): void {
  const { secret, personal, kind, key } = mapping
  const inKey = readsOf(key).flatMap((read) =>
    read.startsWith(`${source.alias}.`) ? [read.slice(source.alias.length + 1)] : [],
  )
  for (const [list, names] of Object.entries({ secret, personal })) {
    const shown = names.filter((name) => inKey.includes(name))
    if (shown.length > 0) {
      complain(
        `\`${list}\` names ${shown.join(', ')}, which the key reads: keys stand in the ledger and in every output. Tell the rows apart by another column.`,
      )
    }
  }
  if (kind === 'evolve' && secret.length > 0) {
    complain(
      `\`secret\` names ${secret.join(', ')}: rows that evolve are kept as they were, every column of them. Map into another table, or leave \`secret\` out.`,
    )
  }
}
