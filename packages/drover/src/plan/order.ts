import { type OperationNode, TableNode } from 'kysely'
import type { MappingDefinition } from '../define/mapping.ts'
import { annotationOf } from '../sql/annotation.ts'
import { walk } from '../sql/tree.ts'
import { nameOf } from './source.ts'

/** The mappings that a mapping reads: through references, look-ups, crosswalks, or a target table in its `from`. */
export function dependenciesOf(mapping: MappingDefinition, all: readonly MappingDefinition[]): readonly string[] {
  const names = new Set<string>()
  walk(partsOf(mapping), (node: OperationNode) => {
    const annotation = annotationOf(node)
    if (annotation && 'mapping' in annotation) names.add(annotation.mapping)
    if (TableNode.is(node)) {
      for (const other of all) if (other.to === nameOf(node) && other.name !== mapping.name) names.add(other.name)
    }
  })
  return [...names].sort()
}

function partsOf(mapping: MappingDefinition): readonly unknown[] {
  const { from, columns, where, key, identity, survivor, match } = mapping
  return [from, columns, where, key, identity, survivor, match]
}

/**
 * The mappings so that each stands after those it depends on, otherwise in the author's order. A cycle is reported with
 * the mappings that close it.
 */
export function inOrder(
  mappings: readonly MappingDefinition[],
  dependencies: ReadonlyMap<string, readonly string[]>,
  findings: string[],
): readonly MappingDefinition[] {
  const ordered: MappingDefinition[] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (mapping: MappingDefinition, path: readonly string[]) => {
    if (state.get(mapping.name) === 'done') return
    if (state.get(mapping.name) === 'open') {
      const cycle = [...path.slice(path.indexOf(mapping.name)), mapping.name]
      findings.push(`the mappings ${cycle.join(' → ')} refer to each other in a circle; no order loads them.`)
      return
    }
    state.set(mapping.name, 'open')
    for (const name of dependencies.get(mapping.name) ?? []) {
      const other = mappings.find((candidate) => candidate.name === name)
      if (other) visit(other, [...path, mapping.name])
    }
    state.set(mapping.name, 'done')
    ordered.push(mapping)
  }
  for (const mapping of mappings) visit(mapping, [])
  return ordered
}
