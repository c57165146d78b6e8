import { findTable, isUniqueOn, qualifiedName } from '../catalog/catalog.ts'
import type { Constraint, Index } from '../catalog/table.ts'
import type { RuleKind } from '../codes/rules.ts'
import { defaultOf, domainOf, limitOf } from './assigned.ts'
import { updatedColumns } from './images.ts'
import { keyColumns } from './key-columns.ts'
import type { MappingParts } from './row.ts'

/** A rule of the target that its rows must keep. */
export interface Rule {
  readonly kind: RuleKind
  /** The constraint or index by name; null where the rule has none. */
  readonly constraint: string | null
  /** Of the target; none for the key of the source. */
  readonly columns: readonly string[]
  /** Of a check, SQL of the catalog's: what must not be false. */
  readonly expression?: string
  /** Of a check of a domain: its expression calls the value VALUE. */
  readonly ofDomain?: true
  readonly index?: UniqueIndex
  readonly foreignKey?: Constraint
}

/** What must be unique, where it is more than a list of columns. */
export interface UniqueIndex {
  /** Columns and expressions of the catalog's, in order. */
  readonly keys: readonly (string | { readonly expression: string })[]
  readonly predicate: string | null
  readonly nullsNotDistinct: boolean
}

/** What the catalog does not hold: the expressions of indexes, as `schema.index` to its keys in order. */
export type IndexExpressions = ReadonlyMap<string, readonly string[]>

/** The rules of a target that can be judged before a run. */
export interface RuleSet {
  readonly rules: readonly Rule[]
  /** What is not looked at, a sentence each. */
  readonly notChecked: readonly string[]
}

/** The rules that the catalog leaves open for the rows of a mapping. */
export function rulesOf(parts: MappingParts, expressions: IndexExpressions): RuleSet {
  const rules: Rule[] = []
  const notChecked: string[] = []
  const { mapping, target, targetKey, targetColumns, context } = parts
  if (mapping.match !== undefined) rules.push(plain('match-twice'))
  if (mapping.kind !== 'evolve') {
    if (!hasProvenKey(parts)) rules.push(plain('key-null'), plain('key-twice'))
    if (knowsTargetKey(parts)) {
      const columns = targetKey.map(({ name }) => name)
      const constraint = target.constraints.find(({ kind }) => kind === 'primary')?.name ?? null
      rules.push({ kind: 'standing', constraint, columns }, { kind: 'target-twice', constraint, columns })
    }
  }
  const unknown = unknownColumns(parts)
  const isKnown = (columns: readonly string[]) => !columns.some((name) => unknown.has(name))
  for (const { name, notNull, type } of targetColumns) {
    if (notNull) rules.push({ kind: 'not-null', constraint: null, columns: [name] })
    const limit = limitOf(type, context.catalog.domains)
    if (limit) rules.push({ kind: limit.kind, constraint: null, columns: [name] })
    for (
      let domain = domainOf(type, context.catalog.domains);
      domain;
      domain = domainOf(domain.type, context.catalog.domains)
    ) {
      for (const { name: constraint, definition } of domain.constraints) {
        rules.push({ kind: 'check', constraint, columns: [name], expression: checkedIn(definition), ofDomain: true })
      }
    }
  }
  const leave = (name: string, why: string) => notChecked.push(`${name} of ${mapping.to}: ${why}`)
  const ofDefault = 'it reads a column whose value is not foreseen.'
  for (const constraint of target.constraints) {
    const { name, kind, columns, definition } = constraint
    if (!constraint.enforced) continue
    if (kind === 'exclusion') leave(name, 'exclusion constraints are not checked.')
    if (kind === 'check') {
      if (isKnown(columns)) rules.push({ kind, constraint: name, columns, expression: checkedIn(definition) })
      else leave(name, ofDefault)
    }
    if (kind === 'foreign' && columns.some((column) => Object.hasOwn(mapping.columns, column))) {
      if (constraint.references?.period) leave(name, 'foreign keys over periods are not checked.')
      else if (!isKnown(columns)) leave(name, ofDefault)
      else if (findTable(context.catalog, referenced(constraint)) === undefined)
        leave(name, `the catalog does not know ${referenced(constraint)}.`)
      else rules.push({ kind: 'foreign-key', constraint: name, columns, foreignKey: constraint })
    }
  }
  for (const index of target.indexes) {
    if (!index.unique || index.primary) continue
    if (index.accessMethod !== 'btree') {
      leave(index.name, 'only b-tree indexes are checked.')
      continue
    }
    if (!index.valid) {
      leave(index.name, 'it is not valid, and may hold for new rows all the same.')
      continue
    }
    const unique = uniqueIndex(index, expressions.get(`${target.schema}.${index.name}`))
    const columns = index.columns.filter((column) => column !== null)
    if (unique === undefined) leave(index.name, 'its expressions are not known.')
    else if (isDefaulted(parts, unknown, index)) leave(index.name, ofDefault)
    else rules.push({ kind: 'unique', constraint: index.constraint ?? index.name, columns, index: unique })
  }
  const triggers = target.triggers.filter(({ definition, enabled }) => enabled !== 'D' && / BEFORE /.test(definition))
  if (triggers.length > 0) {
    notChecked.push(
      `What ${triggers.map(({ name }) => name).join(', ')} of ${mapping.to} makes of the rows: triggers do not fire.`,
    )
  }
  return { rules: dedupe(rules), notChecked }
}

/** Columns of the target whose value in a new row cannot be told before the run. */
function unknownColumns({ mapping, target, targetColumns }: MappingParts): ReadonlySet<string> {
  const mapped = new Set(targetColumns.map(({ name }) => name))
  return new Set(
    target.columns
      .filter((column) => {
        if (mapped.has(column.name) || column.generated !== null) return false
        return (
          Object.hasOwn(mapping.columns, column.name) || (mapping.kind !== 'evolve' && defaultOf(column) === undefined)
        )
      })
      .map(({ name }) => name),
  )
}

/** Whether existing rows of the target get new values. */
export function updatesRows(parts: MappingParts): boolean {
  return updatedColumns(parts).length > 0
}

/** `schema.name` of the table that a foreign key points at. */
export function referenced({ references }: Constraint): string {
  return qualifiedName({ schema: references!.schema, name: references!.table })
}

/** Whether the catalog proves that the key is one: unique over columns that hold no null. */
function hasProvenKey(parts: MappingParts): boolean {
  const columns = keyColumns(parts)
  const { driving } = parts.source
  if (columns === undefined || driving.kind !== 'table') return false
  const names = columns.map(({ name }) => name)
  return columns.every(({ notNull }) => notNull) && isUniqueOn(driving.table, names)
}

/** Whether the key of a loaded row is foreseen: not where a function in JavaScript makes it. */
export function knowsTargetKey({ targetKey, targetColumns }: MappingParts): boolean {
  return targetKey.every((key) => targetColumns.includes(key))
}

/** What stands behind `CHECK`, as the server prints it. */
export function checkedIn(definition: string): string {
  return definition.replace(/^CHECK /, '').replace(/( NO INHERIT)?( NOT VALID)?( NOT ENFORCED)?$/, '')
}

function uniqueIndex(index: Index, expressions: readonly string[] | undefined): UniqueIndex | undefined {
  const { columns, predicate, nullsNotDistinct } = index
  const keys = columns.map((column, i) => {
    const expression = expressions?.[i]
    return column ?? (expression === undefined ? undefined : { expression })
  })
  if (keys.some((key) => key === undefined)) return undefined
  return { keys: keys.filter((key) => key !== undefined), predicate, nullsNotDistinct }
}

/** Of an expression the catalog does not tell what it reads: its text is asked for the names. */
function isDefaulted(parts: MappingParts, unknown: ReadonlySet<string>, index: Index): boolean {
  if (unknown.size === 0) return false
  if (index.columns.some((column) => column !== null && unknown.has(column))) return true
  const text = index.definition.slice(index.definition.indexOf(' USING '))
  return parts.target.columns.some(
    ({ name }) => unknown.has(name) && new RegExp(`\\b${escapePattern(name)}\\b`).test(text),
  )
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function plain(kind: RuleKind): Rule {
  return { kind, constraint: null, columns: [] }
}

function dedupe(rules: readonly Rule[]): readonly Rule[] {
  const keyOf = ({ kind, constraint, columns }: Rule) =>
    JSON.stringify([kind, constraint, kind === 'check' ? [] : columns])
  return [...new Map(rules.map((rule) => [keyOf(rule), rule])).values()]
}
