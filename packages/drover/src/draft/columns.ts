import type { Catalog, Column } from '../catalog/catalog.ts'
import { type Code, call, columnOf, decided, listOf, sqlOf } from './code.ts'
import { type Conversion, conversionOf } from './convert.ts'
import type { DraftedColumn, DraftedMapping, MatchedTables } from './draft.ts'
import { likeness, wordsOf } from './likeness.ts'
import { type Match, matchOneToOne } from './pairs.ts'
import { foreignKeysOf, keyColumnOf, leadsTo } from './references.ts'

/** From here on a match is written down; a less sure one is only the first of the choices. */
const sure = 0.6
/** Below, two columns have no more in common than any two. */
const least = 0.4
/** Types that only a person can convert make a match of names a question, not none. */
const unlikely = 0.55

/** What the columns of a mapping are drafted from. */
export interface Surroundings {
  readonly catalog: Catalog
  readonly tables: readonly MatchedTables[]
  /** The mappings that are defined before this one. */
  readonly earlier: readonly MatchedTables[]
}

/** Drafts the columns of one mapping. */
export function draftColumns(tables: MatchedTables, surroundings: Surroundings): DraftedMapping {
  const { source, target } = tables
  const drafted = new Map<string, DraftedColumn>()
  const add = (column: DraftedColumn) => drafted.set(column.column.name, column)
  const free = () => target.columns.filter(({ name }) => !drafted.has(name))

  for (const column of free().filter(({ generated }) => generated !== null)) {
    add({ column, sources: [], how: 'generated', value: { kind: 'left', to: 'default' } })
  }
  for (const column of referencesByKey(tables, surroundings)) add(column)
  const key = draftKey(tables, surroundings, free())
  if (key !== undefined) add(key)
  const taken = new Set([...drafted.values()].flatMap(({ sources }) => (sources.length === 1 ? sources : [])))
  const rest = source.columns.filter(({ name }) => !taken.has(name))
  for (const match of matchColumns(tables, rest, free(), surroundings)) add(draftMatch(tables, match, surroundings))

  const read = new Set([...[...drafted.values()].flatMap(({ sources }) => sources), ...(source.primaryKey ?? [])])
  const unread = source.columns.filter(({ name }) => !read.has(name))
  for (const column of free()) add(draftUnmatched(tables, column, unread, surroundings))
  return {
    ...tables,
    columns: target.columns.map(({ name }) => drafted.get(name)!),
    dropped: unread.map(({ name }) => name),
  }
}

/** Columns that a foreign key of the target makes references, where one foreign key of the source leads to the same rows. */
function* referencesByKey(tables: MatchedTables, surroundings: Surroundings): Iterable<DraftedColumn> {
  for (const parent of surroundings.tables) {
    const columns = tables.target.columns.filter((column) => parentOf(tables, column, surroundings.tables) === parent)
    const keys = foreignKeysOf(tables.source).filter((key) => leadsTo(key, parent.source))
    const isOnly = keys.length === 1 && columns.length === 1
    const confidence = (key: (typeof keys)[number], { name }: Column) =>
      isOnly ? Math.max(0.9, likeness(key.columns.at(-1)!, name)) : likeness(key.columns.at(-1)!, name)
    for (const match of matchOneToOne(keys, columns, confidence, least)) {
      yield draftReference(tables, match.target, match.source.columns, match.confidence, parent, surroundings)
    }
  }
}

/** The mapping that makes the rows to which a column of the target refers; undefined where it is no reference to one. */
function parentOf(
  { target }: MatchedTables,
  { name }: Column,
  tables: readonly MatchedTables[],
): MatchedTables | undefined {
  for (const key of foreignKeysOf(target)) {
    const parent = tables.find((each) => leadsTo(key, each.target))
    if (parent === undefined) continue
    if (key.references.columns[key.columns.indexOf(name)] === keyColumnOf(parent.target)) return parent
  }
  return undefined
}

function draftReference(
  tables: MatchedTables,
  column: Column,
  sources: readonly string[],
  confidence: number,
  parent: MatchedTables,
  { earlier }: Surroundings,
): DraftedColumn {
  const isEarlier = earlier.includes(parent)
  const mapping = isEarlier
    ? parent.constant
    : `m.later('${parent.name}', '${parent.target.schema}.${parent.target.name}')`
  const parts = sources.map((name) => given(ownColumn(tables, name), column))
  const x = parts.length > 1 ? listOf(parts) : parts[0]!
  const code = decided(
    call('ref', x, mapping),
    column.notNull ? `orQuarantine('lost-${slug(column)}')` : `orNull('lost-${slug(column)}')`,
  )
  const how = isEarlier ? 'reference' : 'reference, filled after the load'
  // What is filled after the load is null before.
  if (!isEarlier && column.notNull) {
    const question = `${column.name} closes a circle of references, and is null until all rows are in: may it be null?`
    return { column, sources, how, confidence, value: { kind: 'undecided', question, choices: [code] } }
  }
  return drafted({ column, sources, how, confidence, code })
}

/** The key of the rows that the target gets: what other rows refer to them by. */
function draftKey(
  tables: MatchedTables,
  surroundings: Surroundings,
  free: readonly Column[],
): DraftedColumn | undefined {
  const column = free.find(({ name }) => name === keyColumnOf(tables.target))
  const { primaryKey = [] } = tables.source
  const [only, ...others] = primaryKey.map((name) => ownColumn(tables, name))
  if (column === undefined || only === undefined) return undefined
  if (column.baseType === 'uuid' && (others.length > 0 || only.column.baseType !== 'uuid')) {
    const text = ['text', 'varchar'].includes(only.column.baseType) ? only.code : sqlOf('text', only.code, '::text')
    const joined = [only, ...others].map(({ code }) => `\${${code.text}}`).join(" || '/' || ")
    const key = others.length === 0 ? text : { text: `sql<text>\`${joined}\``, uses: ['sql', 'type text'] }
    const code = call('derivedUuid', key, `{ entity: '${tables.name}' }`)
    return drafted({ column, sources: primaryKey, how: 'id from the key', confidence: 0.95, code })
  }
  if (others.length > 0) return undefined
  const conversion = conversionOf(only.column, column, surroundings.catalog)
  const confidence = Math.max(0.95, likeness(only.column.name, column.name))
  if (conversion === undefined) return undefined
  return drafted({ column, sources: primaryKey, how: 'key', confidence, code: converted(only, column, conversion) })
}

function matchColumns(
  tables: MatchedTables,
  sources: readonly Column[],
  targets: readonly Column[],
  surroundings: Surroundings,
): readonly Match<Column, Column>[] {
  const context = [tables.source, tables.target].flatMap(({ name }) => wordsOf(name))
  const ease = (source: Column, target: Column) =>
    parentOf(tables, target, surroundings.tables) === undefined
      ? (conversionOf(source, target, surroundings.catalog)?.ease ?? unlikely)
      : 1
  return matchOneToOne(
    sources,
    targets,
    (source, target) => likeness(source.name, target.name, context) * ease(source, target),
    least,
  )
}

function draftMatch(
  tables: MatchedTables,
  { source, target: column, confidence }: Match<Column, Column>,
  surroundings: Surroundings,
): DraftedColumn {
  const sources = [source.name]
  const parent = parentOf(tables, column, surroundings.tables)
  if (parent !== undefined) return draftReference(tables, column, sources, confidence, parent, surroundings)
  const own = ownColumn(tables, source.name)
  const conversion = conversionOf(source, column, surroundings.catalog)
  if (conversion !== undefined && confidence >= sure) {
    return drafted({ column, sources, how: conversion.how, confidence, code: converted(own, column, conversion) })
  }
  const typed = `${source.name} (${source.type})`
  const question =
    conversion === undefined
      ? `How does ${typed} become ${column.name} (${column.type})?`
      : `Does ${typed} become ${column.name}?`
  const guess =
    conversion === undefined
      ? { text: `sql\`… \${${own.code.text}} …\``, uses: [] }
      : converted(own, column, conversion)
  const choices = [guess, ...otherwise(column)]
  return { column, sources, how: 'to be decided', confidence, value: { kind: 'undecided', question, choices } }
}

/** A column that nothing of the source seems to be for. */
function draftUnmatched(
  tables: MatchedTables,
  column: Column,
  unread: readonly Column[],
  surroundings: Surroundings,
): DraftedColumn {
  if (column.default !== null || column.identity !== null) {
    return { column, sources: [], how: 'its default', value: { kind: 'left', to: 'default' } }
  }
  if (!column.notNull) return { column, sources: [], how: 'null', value: { kind: 'left', to: 'null' } }
  const parent = parentOf(tables, column, surroundings.tables)
  const choices = unread.flatMap((source): readonly Code[] => {
    const own = ownColumn(tables, source.name)
    if (parent !== undefined) return [decided(call('ref', given(own, column), parent.constant), 'orQuarantine()')]
    const conversion = conversionOf(source, column, surroundings.catalog)
    const isLikely = conversion !== undefined && (conversion.ease > 0.95 || likeness(source.name, column.name) > 0.3)
    return isLikely ? [converted(own, column, conversion)] : []
  })
  const question =
    parent === undefined
      ? `What becomes ${column.name} (${column.type})? It may not be null.`
      : `Which column leads to ${parent.target.schema}.${parent.target.name}? ${column.name} may not be null.`
  const value = { kind: 'undecided', question, choices: [...choices.slice(0, 3), ...otherwise(column)] } as const
  return { column, sources: [], how: 'to be decided', value }
}

/** What can be said of a column whatever the source holds. */
function otherwise({ notNull, default: standard, baseType }: Column): readonly Code[] {
  const isText = baseType === 'text' || baseType === 'varchar'
  const same = notNull ? [call('constant', isText ? "'…'" : '…')] : [call('constant', 'null')]
  return standard === null ? same : [...same, { text: 'no line at all: its default', uses: [] }]
}

/** A column of the source, as an expression and as the catalog knows it. */
interface OwnColumn {
  readonly code: Code
  readonly column: Column
}

function ownColumn({ source, alias }: MatchedTables, name: string): OwnColumn {
  return { code: columnOf(alias, name), column: source.columns.find((column) => column.name === name)! }
}

/** What stands in the source, where it may not be missing: a row without it is set aside. */
function given({ code, column }: OwnColumn, target: Column): Code {
  return target.notNull && !column.notNull
    ? decided(call('required', code), `orQuarantine('no-${slug(target)}')`)
    : code
}

function converted(own: OwnColumn, target: Column, conversion: Conversion): Code {
  const made = conversion.make(given(own, target))
  if (!conversion.fails) return made
  return decided(made, target.notNull ? 'orQuarantine()' : 'orNull()')
}

function drafted(parts: Omit<DraftedColumn, 'value'> & { readonly code: Code }): DraftedColumn {
  const { code, ...column } = parts
  return { ...column, value: { kind: 'expression', code } }
}

/** A column in a code: `clinic_id` is `clinic`. */
function slug({ name }: Column): string {
  return name
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^\p{L}\d]+/gu, '-')
    .replace(/-id$/, '')
}
