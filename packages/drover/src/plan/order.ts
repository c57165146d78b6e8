import { type Catalog, findTable, qualifiedName } from '../catalog/catalog.ts'
import type { MappingDefinition } from '../define/mapping.ts'
import { annotationsIn } from '../sql/annotation.ts'
import { tablesIn } from './lineage.ts'

/** The mappings that a mapping reads: through references, look-ups, crosswalks, or a target table in its `from`. */
export function dependenciesOf(mapping: MappingDefinition, all: readonly MappingDefinition[]): readonly string[] {
  const names = new Set<string>()
  for (const annotation of annotationsIn(partsOf(mapping))) {
    if ('mapping' in annotation) names.add(annotation.mapping)
  }
  const tables = new Set(tablesIn(partsOf(mapping)))
  for (const other of all) if (tables.has(other.to) && other.name !== mapping.name) names.add(other.name)
  return [...names].sort()
}

/**
 * For each mapping the ones that its `later` references lead to and that, directly or not, depend on it: these references
 * close a circle, so they do not count for the order and are filled after the load.
 */
export function deferredOf(
  mappings: readonly MappingDefinition[],
  dependencies: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    mappings.map((mapping) => [
      mapping.name,
      laterReferences(mapping).filter((name) => reaches(dependencies, name, mapping.name)),
    ]),
  )
}

/** Whether one mapping depends on another, directly or not, or is the same. */
export function reaches(
  dependencies: ReadonlyMap<string, readonly string[]>,
  from: string,
  to: string,
  seen = new Set<string>(),
): boolean {
  if (from === to) return true
  seen.add(from)
  return (dependencies.get(from) ?? []).some((next) => !seen.has(next) && reaches(dependencies, next, to, seen))
}

/**
 * The dependencies by which the mappings are ordered: without the deferred ones, but a mapping that refers to one with
 * deferred references waits until they are filled, unless it is itself what they wait for.
 */
export function withoutDeferred(
  dependencies: ReadonlyMap<string, readonly string[]>,
  deferred: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const firm = new Map(
    [...dependencies].map(([name, all]) => [name, all.filter((other) => !deferred.get(name)?.includes(other))]),
  )
  for (const [name, all] of firm) {
    const awaited = all.flatMap((other) => deferred.get(other) ?? [])
    const further = awaited.filter((other) => other !== name && !all.includes(other) && !reaches(firm, other, name))
    firm.set(name, [...new Set([...all, ...further])].sort())
  }
  return firm
}

/** The mappings that `later` references lead to, and no other reference does. */
function laterReferences(mapping: MappingDefinition): readonly string[] {
  const later = new Set<string>()
  const firm = new Set<string>()
  for (const annotation of annotationsIn(partsOf(mapping))) {
    if (!('mapping' in annotation)) continue
    if (annotation.kind === 'reference' && annotation.isLater) later.add(annotation.mapping)
    else firm.add(annotation.mapping)
  }
  return [...later].filter((name) => !firm.has(name)).sort()
}

/**
 * The dependencies with those that foreign keys between the targets add: a child is not loaded before its parents, even if
 * its key is copied and no reference says so. A foreign key that would close a circle adds nothing; the server judges it.
 */
export function withForeignKeys(
  mappings: readonly MappingDefinition[],
  dependencies: ReadonlyMap<string, readonly string[]>,
  catalog: Catalog,
): ReadonlyMap<string, readonly string[]> {
  const all = new Map(dependencies)
  for (const child of mappings) {
    const tables = referredTables(child, catalog)
    if (tables.size === 0) continue
    for (const parent of mappings.filter(({ to }) => tables.has(to))) {
      const known = all.get(child.name) ?? []
      if (known.includes(parent.name) || reaches(all, parent.name, child.name)) continue
      all.set(child.name, [...known, parent.name].sort())
    }
  }
  return all
}

/** The other tables to which mapped columns of the mapping's target make up a foreign key. */
function referredTables(mapping: MappingDefinition, catalog: Catalog): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { columns, references } of findTable(catalog, mapping.to)?.constraints ?? []) {
    if (references === undefined || !columns.every((column) => Object.hasOwn(mapping.columns, column))) continue
    names.add(qualifiedName({ schema: references.schema, name: references.table }))
  }
  names.delete(mapping.to)
  return names
}

function partsOf(mapping: MappingDefinition): readonly unknown[] {
  const { from, columns, where, key, identity, survivor, match, compute, totals } = mapping
  return [from, columns, where, key, identity, survivor, match, compute?.reads, totals]
}

/**
 * The mappings so that each stands after those it depends on, otherwise in the author's order. A cycle is reported with
 * the mappings that close it, and then there is no order: the result is empty.
 */
export function inOrder(
  mappings: readonly MappingDefinition[],
  dependencies: ReadonlyMap<string, readonly string[]>,
  findings: string[],
): readonly MappingDefinition[] {
  const ordered: MappingDefinition[] = []
  const state = new Map<string, 'open' | 'done'>()
  let isCyclic = false
  const visit = (mapping: MappingDefinition, path: readonly string[]) => {
    if (state.get(mapping.name) === 'done') return
    if (state.get(mapping.name) === 'open') {
      const cycle = [...path.slice(path.indexOf(mapping.name)), mapping.name]
      findings.push(`the mappings ${cycle.join(' → ')} refer to each other in a circle; no order loads them.`)
      isCyclic = true
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
  return isCyclic ? [] : ordered
}
