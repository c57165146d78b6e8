import { findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import { type Check, soleMapping, type TableSubject } from './check.ts'
import type { Finding } from './verification.ts'

/** An index or constraint: its name, and whether the server vouches for it. */
interface TableObject {
  readonly name: string
  readonly isSound: boolean
}

/** Every index that the targets had when the plan was made is still there, and every index they have now is valid. */
export const indexes: Check<TableSubject> = {
  name: 'indexes',
  whenGone: 'fail',
  run: async (_, subject) => [
    compareObjects(subject, 'indexes', (table) =>
      table.indexes.map((index) => ({ name: index.name, isSound: index.valid })),
    ),
  ],
}

/** The same of check constraints: there, and validated. */
export const checkConstraints: Check<TableSubject> = {
  name: 'check constraints',
  whenGone: 'fail',
  run: async (_, subject) => {
    const checksOf = (table: Table) =>
      table.constraints
        .filter((constraint) => constraint.kind === 'check')
        .map((constraint) => ({ name: constraint.name, isSound: constraint.validated && constraint.enforced }))
    return checksOf(subject.table).length === 0 ? [] : [compareObjects(subject, 'check constraints', checksOf)]
  },
}

function compareObjects(
  subject: TableSubject,
  check: 'indexes' | 'check constraints',
  objectsOf: (table: Table) => readonly TableObject[],
): Finding {
  const table = qualifiedName(subject.table)
  const planned = objectsOf(subject.table)
  const now = findTable(subject.now, table)
  const present = now === undefined ? [] : objectsOf(now)
  const missing = planned.filter(({ name }) => !present.some((object) => object.name === name))
  const unsound = present.filter((object) => !object.isSound)
  // What was unsound before the run is the owner's decision: it warns.
  const spoilt = unsound.filter(({ name }) => !planned.some((object) => object.name === name && !object.isSound))
  const all = missing.length + present.length
  const names = (objects: readonly TableObject[]) => objects.map(({ name }) => name).join(', ')
  const complaints = [
    missing.length === 0 ? '' : `missing: ${names(missing)}`,
    unsound.length === 0 ? '' : `not valid: ${names(unsound)}`,
  ].filter(Boolean)
  return {
    check,
    mapping: soleMapping(subject),
    verdict: missing.length + spoilt.length > 0 ? 'fail' : unsound.length > 0 ? 'warn' : 'pass',
    expected: `${all} valid`,
    actual: `${all - missing.length - unsound.length} valid`,
    detail:
      complaints.length === 0
        ? `All ${check} of ${table} are there and valid.`
        : `Of the ${check} of ${table} some are ${complaints.join('; ')}.`,
  }
}
