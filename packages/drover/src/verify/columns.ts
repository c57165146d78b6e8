import { elementTypeOf, findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Column, Table } from '../catalog/table.ts'
import { type Check, counted, soleMapping, type TableSubject } from './check.ts'

/**
 * Every column that the targets had when the plan was made is there as it was: its type, whether it may be null, what the
 * server puts there. A column more is no fault, and told.
 */
export const columns: Check<TableSubject> = {
  name: 'columns',
  whenGone: 'fail',
  run: async (_, subject) => {
    const name = qualifiedName(subject.table)
    const now = findTable(subject.now, name)
    const faults = subject.table.columns
      .map((column) => faultsOf(subject, column, now))
      .filter(({ length }) => length > 0)
    const added = (now?.columns ?? []).filter((column) => columnNamed(subject.table, column) === undefined)
    const all = subject.table.columns.length
    const more =
      added.length === 0 ? [] : [`new since: ${added.map((column) => column.name).join(', ')}, which nobody compared`]
    return [
      {
        check: 'columns',
        mapping: soleMapping(subject),
        verdict: faults.length === 0 ? 'pass' : 'fail',
        expected: `${counted(all, 'column')} as before`,
        actual: `${counted(all - faults.length, 'column')} as before`,
        detail:
          faults.length === 0
            ? `${[`The columns of ${name} are as they were when the plan was made`, ...more].join('; ')}.`
            : `The columns of ${name} are not as they were when the plan was made: ${[...faults.flat(), ...more].join('; ')}.`,
      },
    ]
  },
}

function columnNamed({ columns }: Table, { name }: Column): Column | undefined {
  return columns.find((column) => column.name === name)
}

function faultsOf(subject: TableSubject, planned: Column, table: Table | undefined): readonly string[] {
  const { name } = planned
  const now = table && columnNamed(table, planned)
  if (now === undefined) return [`${name} is missing`]
  const isGenerated = planned.generated !== null || now.generated !== null
  return [
    ...(now.type === planned.type ? [] : [`${name} is ${now.type}, and was ${planned.type}`]),
    ...(now.collation === planned.collation ? [] : [`${name} has another collation`]),
    ...(now.notNull === planned.notNull ? [] : [`${name} ${now.notNull ? 'may not be null any more' : 'may be null'}`]),
    ...(now.generated === planned.generated ? [] : [`${name} is ${now.generated ?? 'not'} generated`]),
    ...(now.default === planned.default ? [] : [`${name} has another ${isGenerated ? 'expression' : 'default'}`]),
    ...(now.identity === planned.identity ? [] : [`${name} is ${now.identity === null ? 'no' : 'another'} identity`]),
    ...typeFaults(subject, planned),
  ]
}

/**
 * A type can change under its name: what a domain refuses, and the values of an enum. More values of an enum are no
 * fault.
 */
function typeFaults({ plan, now }: TableSubject, { name, typeName, baseType }: Column): readonly string[] {
  const isOf = (type: string) => (each: { readonly schema: string; readonly name: string }) =>
    qualifiedName(each) === elementTypeOf(type)
  const valuesOf = (enums: typeof now.enums) => enums.find(isOf(baseType))?.values
  const domainOf = (domains: typeof now.domains) =>
    domains
      .find(isOf(typeName))
      ?.constraints.map(({ name, definition, validated }) => `${name} ${definition} ${validated}`)
      .join('\n')
  const values = valuesOf(now.enums) ?? []
  const missing = (valuesOf(plan.catalog.enums) ?? []).filter((value) => !values.includes(value))
  return [
    ...(missing.length === 0 ? [] : [`the type of ${name} lacks ${missing.join(', ')}`]),
    ...(domainOf(now.domains) === domainOf(plan.catalog.domains)
      ? []
      : [`the domain of ${name} has other constraints`]),
  ]
}
