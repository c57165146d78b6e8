import { capabilitiesOf } from '../catalog/capabilities.ts'
import { type Constraint, findTable, type Index, qualifiedName, type Table } from '../catalog/catalog.ts'
import { isInsertTrigger } from '../catalog/trigger-events.ts'
import { printName } from '../sql/nodes.ts'
import { derivesKey } from './derived-key.ts'
import type { KeptObject, RebuildKind, RebuildPlan, RebuiltObject } from './rebuild-plan.ts'
import type { ForeignKeyStatements, IndexStatements } from './rebuild-statements.ts'
import { foreignKeyStatements, indexStatements } from './rebuild-statements.ts'
import { referencePlans } from './references.ts'
import type { MappingParts } from './row.ts'
import { deferredColumns } from './settle.ts'
import { violatorsStatement } from './violators.ts'

/**
 * What a run takes off its targets where it finds them empty, table by table. Off stay only things that the load cannot
 * need, and that can be made again whatever the rows are: everything else is kept, with its reason.
 *
 * `settledAfter` tells with which mapping the last update of another one's rows ends.
 */
export function rebuildPlans(
  all: readonly MappingParts[],
  settledAfter: (mapping: string) => string,
): readonly RebuildPlan[] {
  const names = [...new Set(all.map(({ mapping }) => mapping.to))]
  return names.flatMap((name) => {
    const loaders = all.filter(({ mapping }) => mapping.to === name)
    const { target } = loaders[0]!
    if (staysWhole(target, loaders)) return []
    const judged = candidatesOf(target).map((candidate) => ({ candidate, why: whyKept(candidate, target, loaders) }))
    const objects = judged.flatMap(({ candidate, why }) => (why === null ? [rebuilt(candidate, target, loaders)] : []))
    if (objects.length === 0) return []
    const settled = loaders.filter((parts) => deferredColumns(parts).length > 0)
    return [
      {
        table: name,
        mappings: loaders.map(({ mapping }) => mapping.name),
        settledAfter: [...new Set(settled.map(({ mapping }) => settledAfter(mapping.name)))],
        objects,
        kept: judged.flatMap(({ candidate, why }): readonly KeptObject[] =>
          why === null ? [] : [{ kind: candidate.kind, name: candidate.name, why }],
        ),
      },
    ]
  })
}

type Candidate =
  | { readonly kind: Exclude<RebuildKind, 'foreign key'>; readonly name: string; readonly index: Index }
  | { readonly kind: 'foreign key'; readonly name: string; readonly key: Constraint }

/**
 * Whether nothing of the table is taken off: rows are written to it that exist, or what writes to it may need its
 * indexes.
 */
function staysWhole(target: Table, loaders: readonly MappingParts[]): boolean {
  return (
    target.kind !== 'table' ||
    target.hasChildren ||
    target.partitionOf !== null ||
    loaders.some(({ mapping }) => mapping.kind === 'evolve' || mapping.match !== undefined) ||
    target.triggers.some((trigger) => trigger.enabled !== 'D' && isInsertTrigger(trigger))
  )
}

/**
 * In the order in which they are made again: first what a mapping's close waits for, and of that first what takes longer, so
 * that workers who share it end together.
 */
function candidatesOf({ indexes, constraints }: Table): readonly Candidate[] {
  const kindOf = (index: Index) => (index.primary ? 'primary key' : index.unique ? 'unique' : 'index')
  const order: readonly RebuildKind[] = ['unique', 'primary key', 'index', 'foreign key']
  const ofIndexes = indexes.map((index): Candidate => ({ kind: kindOf(index), name: index.name, index }))
  const ofKeys = constraints
    .filter(({ kind }) => kind === 'foreign')
    .map((key): Candidate => ({ kind: 'foreign key', name: key.name, key }))
  return [...ofIndexes, ...ofKeys].toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
}

function whyKept(candidate: Candidate, target: Table, loaders: readonly MappingParts[]): string | null {
  if (!capabilitiesOf(target).attachesIndexes && candidate.kind !== 'index') return whyKeptOnNodes[candidate.kind]
  return candidate.kind === 'foreign key'
    ? whyForeignKeyKept(candidate.key, loaders)
    : whyIndexKept(candidate.index, target, loaders)
}

/** Of a table that lies on the nodes of a cluster only indexes that no constraint needs are taken off. */
const whyKeptOnNodes = {
  'primary key': 'the nodes cannot make a key of an index that is built',
  unique: 'the rows that break it would be looked for on all nodes',
  'foreign key': 'a cluster may refuse to change it in the transaction that has found the table empty',
} as const satisfies Record<Exclude<RebuildKind, 'index'>, string>

function whyIndexKept(index: Index, target: Table, loaders: readonly MappingParts[]): string | null {
  const constraint = target.constraints.find(({ name }) => name === index.constraint)
  if (constraint?.kind === 'exclusion') return 'an exclusion constraint is judged row by row'
  if (!index.valid) return 'it is not valid'
  if (index.inherited) return 'it belongs to a partitioned table'
  if (index.replicaIdentity) return 'replicas know the rows by it'
  if (index.tablespace !== null) return 'it lies in a tablespace of its own'
  if (!index.unique) return null
  if (index.accessMethod !== 'btree') return 'it is judged row by row'
  const others = index.requiredBy.filter((name) => !name.startsWith('foreign key '))
  if (others.length > 0) return `${others[0]} needs it`
  if (index.primary) {
    const [loader, ...further] = loaders
    const isSafe = further.length === 0 && derivesKey(loader!)
    return isSafe ? null : 'keys are not made of source keys alone, so that two rows may have one'
  }
  if (index.columns.includes(null)) return 'it is unique over an expression'
  const late = loaders.flatMap((parts) => deferredColumns(parts)).find(({ name }) => index.columns.includes(name))
  return late === undefined ? null : `${late.name} is filled after the load`
}

function whyForeignKeyKept(key: Constraint, loaders: readonly MappingParts[]): string | null {
  if (!key.enforced || !key.fires) return 'it is not enforced'
  if (key.inherited) return 'it belongs to a partitioned table'
  const { schema, table, columns } = key.references!
  const name = printName({ schema, name: table })
  const led = findTable(loaders[0]!.context.catalog, qualifiedName({ schema, name: table }))
  if (led !== undefined && (led.kind !== 'table' || led.hasChildren)) return `${name} is partitioned`
  const isCarried = loaders.every((parts) => {
    const references = referencePlans(parts)
    return key.columns.every(
      (column, i) =>
        isLeftNull(parts, column) ||
        (key.columns.length === 1 &&
          references.some(
            (reference) => reference.column === column && reference.target === name && reference.key === columns[i],
          )),
    )
  })
  return isCarried ? null : 'its column is not a reference of the mapping, so that rows may lead nowhere'
}

/** Whether no row gets a value there. */
function isLeftNull({ mapping, target }: MappingParts, name: string): boolean {
  const column = target.columns.find((each) => each.name === name)
  return !Object.hasOwn(mapping.columns, name) && column?.default === null && column.identity === null
}

function rebuilt(candidate: Candidate, target: Table, loaders: readonly MappingParts[]): RebuiltObject {
  const { kind, name } = candidate
  if (kind === 'foreign key') {
    const { schema, table } = candidate.key.references!
    const statements: ForeignKeyStatements = foreignKeyStatements(target, candidate.key)
    return { kind, name, requiredBy: [], references: printName({ schema, name: table }), ...statements, violators: [] }
  }
  const { index } = candidate
  const statements: IndexStatements = indexStatements(target, index)
  return {
    kind,
    name,
    requiredBy: index.requiredBy,
    references: null,
    ...statements,
    validate: null,
    violators: kind === 'unique' ? violatorsOf(index, loaders) : [],
  }
}

function violatorsOf(index: Index, loaders: readonly MappingParts[]): RebuiltObject['violators'] {
  const columns = index.columns.filter((column) => column !== null)
  return loaders.map((parts, i) => ({
    mapping: parts.mapping.name,
    statement: violatorsStatement(parts, { ...index, columns }, loaders.slice(i + 1)),
  }))
}
