import { findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Table, Trigger } from '../catalog/table.ts'
import { type Check, counted, soleMapping, type TableSubject } from './check.ts'
import type { Finding } from './verification.ts'

/**
 * The triggers of the targets are as they were when the plan was made: the same ones, of the same definition, enabled for
 * the same sessions; the server's own, which enforce constraints, too.
 */
export const triggers: Check<TableSubject> = {
  name: 'triggers',
  whenGone: 'fail',
  run: async (_, subject) => {
    const now = findTable(subject.now, qualifiedName(subject.table))
    return [...compared(subject, now), ...silenced(subject, now)]
  },
}

function compared(subject: TableSubject, now: Table | undefined): readonly Finding[] {
  const planned = subject.table.triggers
  const present = now?.triggers ?? []
  const names = [...new Set([...planned, ...present].map(({ name }) => name))].sort()
  if (names.length === 0) return []
  const named = (triggers: readonly Trigger[], name: string) => triggers.find((trigger) => trigger.name === name)
  const faults = names.flatMap((name) => {
    const fault = faultOf(named(planned, name), named(present, name))
    return fault === undefined ? [] : [`${name} is ${fault}`]
  })
  const table = qualifiedName(subject.table)
  const expected = `${counted(names.length, 'trigger')} as before`
  return [
    {
      check: 'triggers',
      mapping: soleMapping(subject),
      verdict: faults.length === 0 ? 'pass' : 'fail',
      expected,
      actual: `${counted(names.length - faults.length, 'trigger')} as before`,
      detail:
        faults.length === 0
          ? `The triggers of ${table} are as they were when the plan was made.`
          : `The triggers of ${table} are not as they were when the plan was made: ${faults.join('; ')}.`,
    },
  ]
}

/** For which sessions a trigger fires, by `tgenabled`. */
const firing = { O: 'enabled', D: 'disabled', R: 'enabled for replication alone', A: 'enabled always' } as const

function faultOf(planned: Trigger | undefined, present: Trigger | undefined): string | undefined {
  if (planned === undefined) return 'new'
  if (present === undefined) return 'missing'
  if (planned.definition !== present.definition) return 'of another definition'
  if (planned.enabled === present.enabled) return undefined
  return `${firing[present.enabled]}, and was ${firing[planned.enabled]}`
}

/** `alter table … disable trigger all` turns off what enforces foreign keys, and the constraint still reads as valid. */
function silenced(subject: TableSubject, now: Table | undefined): readonly Finding[] {
  const silent = (table: Table | undefined) =>
    (table?.constraints ?? []).filter(({ fires }) => !fires).map(({ name }) => name)
  const before = silent(subject.table)
  const names = silent(now)
  if (names.length === 0) return []
  return [
    {
      check: 'triggers',
      mapping: soleMapping(subject),
      // What was off before the run is the owner's decision.
      verdict: names.every((name) => before.includes(name)) ? 'warn' : 'fail',
      expected: `${counted(before.length, 'constraint')} not enforced`,
      actual: `${counted(names.length, 'constraint')} not enforced`,
      detail: `Triggers of ${qualifiedName(subject.table)} that enforce constraints are disabled: new rows may break ${names.join(', ')}.`,
    },
  ]
}
