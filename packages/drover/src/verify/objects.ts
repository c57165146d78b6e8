import { findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import { type Check, soleMapping, type TableSubject } from './check.ts'
import type { CheckName, Finding } from './verification.ts'

/** Something that belongs to a table, by its name. */
export interface TableObject {
  readonly name: string
  /** Two readings of the same text are the same object. */
  readonly definition: string
  /** Whether the server vouches for it. */
  readonly isSound: boolean
}

/** How {@link compareObjects} speaks of the objects. */
export interface ObjectWords {
  readonly check: CheckName
  /** `indexes`. */
  readonly plural: string
  /** What those are of which it says that they are sound: `valid`. */
  readonly sound: string
}

/** Every index that the targets had when the plan was made is there as it was, and every index they have now is valid. */
export const indexes: Check<TableSubject> = {
  name: 'indexes',
  whenGone: 'fail',
  run: async (_, subject) => [
    compareObjects(subject, { check: 'indexes', plural: 'indexes', sound: 'valid' }, (table) =>
      table.indexes.map(({ name, definition, valid }) => ({ name, definition, isSound: valid })),
    ),
  ],
}

/**
 * Compares what a target had when the plan was made with what it has. An object that is missing, has another definition,
 * or is no longer sound fails; what was unsound before the run is the owner's decision, and warns.
 */
export function compareObjects(
  subject: TableSubject,
  { check, plural, sound }: ObjectWords,
  objectsOf: (table: Table) => readonly TableObject[],
): Finding {
  const table = qualifiedName(subject.table)
  const planned = objectsOf(subject.table)
  const now = findTable(subject.now, table)
  const present = now === undefined ? [] : objectsOf(now)
  const currentOf = ({ name }: TableObject) => present.find((object) => object.name === name)
  const missing = planned.filter((object) => currentOf(object) === undefined)
  const changed = planned.filter((object) => {
    const current = currentOf(object)
    return current !== undefined && current.definition !== object.definition
  })
  const unsound = present.filter((object) => !object.isSound)
  const spoilt = unsound.filter(({ name }) => !planned.some((object) => object.name === name && !object.isSound))
  const all = missing.length + present.length
  const wrong = new Set([...missing, ...changed, ...unsound].map(({ name }) => name))
  const names = (objects: readonly TableObject[]) => objects.map(({ name }) => name).join(', ')
  const complaints = [
    missing.length === 0 ? '' : `missing: ${names(missing)}`,
    changed.length === 0 ? '' : `of another definition than when the plan was made: ${names(changed)}`,
    unsound.length === 0 ? '' : `not ${sound}: ${names(unsound)}`,
  ].filter(Boolean)
  const fails = missing.length + changed.length + spoilt.length > 0
  return {
    check,
    mapping: soleMapping(subject),
    verdict: fails ? 'fail' : unsound.length > 0 ? 'warn' : 'pass',
    expected: `${all} ${sound}`,
    actual: `${all - wrong.size} ${sound}`,
    detail:
      complaints.length === 0
        ? `All ${plural} of ${table} are there, as they were, and ${sound}.`
        : `Of the ${plural} of ${table} some are ${complaints.join('; ')}.`,
  }
}
