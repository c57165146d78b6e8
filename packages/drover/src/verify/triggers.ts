import { sql } from 'kysely'
import { findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Table, Trigger } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { compile } from '../sql/compile.ts'
import { tableNode } from '../sql/nodes.ts'
import { type Check, counted, namesOf, soleMapping, type TableSubject } from './check.ts'
import type { Finding } from './verification.ts'
import { checkStatement, type Origin } from './violations.ts'

/**
 * The triggers of the targets are as they were when the plan was made: the same ones, of the same definition, enabled for
 * the same sessions. The server's own, which enforce constraints, are no part of the catalog: that some are off warns.
 */
export const triggers: Check<TableSubject> = {
  name: 'triggers',
  whenGone: 'fail',
  run: async (tx, subject) => {
    const now = findTable(subject.now, qualifiedName(subject.table))
    return [...compared(subject, now), ...(now === undefined ? [] : await findDisabled(tx, subject))]
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
async function findDisabled(tx: Queryable, subject: TableSubject): Promise<readonly Finding[]> {
  const { runId, table } = subject
  const origin: Origin = { runId, mapping: namesOf(subject), check: 'triggers' }
  const rows = await tx.query(
    checkStatement(
      origin,
      sql`select distinct k.conname as name
from pg_trigger as t
join pg_constraint as k on k.oid = t.tgconstraint
where t.tgrelid = ${sql.lit(compile(tableNode(table)))}::regclass and t.tgisinternal and t.tgenabled in ('D', 'R')
order by k.conname`,
    ),
  )
  if (rows.length === 0) return []
  const names = rows.map(({ name }) => name).join(', ')
  return [
    {
      check: 'triggers',
      mapping: soleMapping(subject),
      verdict: 'warn',
      expected: '0 constraints not enforced',
      actual: `${counted(rows.length, 'constraint')} not enforced`,
      detail: `Triggers of ${qualifiedName(table)} that enforce constraints are disabled: new rows may break ${names}.`,
    },
  ]
}
