import type { Catalog } from './catalog.ts'
import {
  type CanonicalFields,
  type CanonicalObjects,
  type CanonicalTable,
  type CanonicalValue,
  canonicalCatalog,
  tableParts,
} from './fingerprint.ts'

/**
 * What changed between two readings of a catalog, as far as a plan for `tables` rests on it: one sentence each, in the
 * order server, tables, types, sequences. Empty exactly when the two {@link canonicalCatalog} values are equal.
 */
export function catalogDifferences(before: Catalog, after: Catalog, tables: readonly string[]): readonly string[] {
  const was = canonicalCatalog(before, tables)
  const is = canonicalCatalog(after, tables)
  return [
    ...(was.serverMajor === is.serverMajor
      ? []
      : [`the server is now PostgreSQL ${is.serverMajor} (was ${was.serverMajor})`]),
    ...Object.keys(was.tables).flatMap((name) => tableDifferences(name, was.tables[name]!, is.tables[name]!)),
    ...enumDifferences(was.enums, is.enums),
    ...objectDifferences('domain ', was.domains, is.domains),
    ...objectDifferences('sequence ', was.sequences, is.sequences),
  ]
}

function tableDifferences(name: string, was: CanonicalTable | null, is: CanonicalTable | null): readonly string[] {
  if (was === null || is === null) {
    if (was !== null) return [`table ${name} is gone`]
    return is === null ? [] : [`table ${name} is new`]
  }
  return [
    ...fieldDifferences(name, was.table, is.table),
    ...tableParts.flatMap((part) => objectDifferences(`${name}: ${partNames[part]} `, was[part], is[part])),
  ]
}

const partNames: Readonly<Record<(typeof tableParts)[number], string>> = {
  columns: 'column',
  constraints: 'constraint',
  indexes: 'index',
  triggers: 'trigger',
  policies: 'policy',
}

function objectDifferences(prefix: string, was: CanonicalObjects, is: CanonicalObjects): readonly string[] {
  return namesOf(was, is).flatMap((name) => {
    const [old, current] = [ownValue(was, name), ownValue(is, name)]
    if (old === undefined) return [`${prefix}${name} is new`]
    if (current === undefined) return [`${prefix}${name} is missing`]
    return fieldDifferences(`${prefix}${name}`, old, current)
  })
}

function fieldDifferences(subject: string, was: CanonicalFields, is: CanonicalFields): readonly string[] {
  return namesOf(was, is)
    .filter((field) => JSON.stringify(was[field]) !== JSON.stringify(is[field]))
    .map((field) => fieldSentence(subject, field, was[field] ?? null, is[field] ?? null))
}

function fieldSentence(subject: string, field: string, was: CanonicalValue, is: CanonicalValue): string {
  // The query of a view is too long for a sentence, and twice so.
  if (field === 'query') return `${subject}: the query of the view has changed`
  const states = stateNames[field]
  if (states !== undefined) return `${subject} is now ${states[String(is)]} (was ${states[String(was)]})`
  return `${subject}: ${renderField(field)} is now ${renderValue(is)} (was ${renderValue(was)})`
}

/** The words for fields that read better as a state of the object. */
const stateNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  notNull: { true: 'not null', false: 'nullable' },
  valid: { true: 'valid', false: 'invalid' },
  inherited: { true: 'inherited', false: 'not inherited' },
  enabled: { O: 'enabled', D: 'disabled', R: 'enabled in replica sessions only', A: 'enabled always' },
  permissive: { true: 'permissive', false: 'restrictive' },
}

/** `forceRowSecurity` becomes `force row security`. */
function renderField(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function renderValue(value: CanonicalValue): string {
  if (value === true) return 'on'
  if (value === false) return 'off'
  if (value === null) return 'none'
  if (typeof value !== 'object') return String(value)
  return value.length === 0 ? 'none' : value.map(renderValue).join(', ')
}

function enumDifferences(
  was: Readonly<Record<string, readonly string[]>>,
  is: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  return namesOf(was, is).flatMap((name) => {
    const [old, current] = [ownValue(was, name), ownValue(is, name)]
    if (old === undefined) return [`enum ${name} is new`]
    if (current === undefined) return [`enum ${name} is missing`]
    const kept = old.filter((value) => current.includes(value))
    const keptNow = current.filter((value) => old.includes(value))
    return [
      ...current.filter((value) => !old.includes(value)).map((value) => `enum ${name}: value '${value}' added`),
      ...old.filter((value) => !current.includes(value)).map((value) => `enum ${name}: value '${value}' removed`),
      ...(JSON.stringify(kept) === JSON.stringify(keptNow)
        ? []
        : [`enum ${name}: the order of its values is now ${keptNow.join(', ')} (was ${kept.join(', ')})`]),
    ]
  })
}

/** The names of either side, in order. */
function namesOf(was: Readonly<Record<string, unknown>>, is: Readonly<Record<string, unknown>>): readonly string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].sort()
}

/** A column may be called `constructor`: only what the record itself holds counts. */
function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
