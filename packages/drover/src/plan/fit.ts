import { type ColumnNode, ReferenceNode } from 'kysely'
import type { Column, Table } from '../catalog/table.ts'
import type { MappingDefinition } from '../define/mapping.ts'
import { isAssignable } from './casts.ts'
import { readsOf } from './lineage.ts'
import type { Source } from './source.ts'

/**
 * Complains of columns of the source that stand for a column of the target as they are, and cannot: because of their type,
 * or because they may be null. What an expression makes of them, the server judges.
 */
export function checkFit(
  mapping: MappingDefinition,
  source: Source,
  target: Table,
  complain: (what: string) => void,
): void {
  for (const column of target.columns) {
    const plain = plainColumn(mapping, source, column.name)
    if (plain === undefined) continue
    const { alias, table, from } = plain
    const read = `${alias}.${from.name}`
    const into = `column ${column.name} of ${mapping.to}`
    if (isAssignable(from, column) === false) {
      complain(
        `${into} is ${column.type} and ${read} is ${from.type}, which does not become one by itself. ${conversion(read, column)}`,
      )
    }
    if (column.notNull && mayBeNull(plain) && !asksFor(mapping, plain) && !hasTriggerBefore(target)) {
      const why = isJoined(plain, source) && from.notNull ? 'is null where the join finds no row' : 'may be null'
      complain(
        `${into} may not be null, and ${read} of ${table.schema}.${table.name} ${why}. Decide what that means: required(${read}).orQuarantine().`,
      )
    }
  }

  function mayBeNull(plain: Plain): boolean {
    const { kind } = plain.table
    // Of the columns of a view the catalog does not know whether they can be null, of a foreign table's not for sure.
    return (kind === 'table' || kind === 'partitioned') && (!plain.from.notNull || isJoined(plain, source))
  }
}

/** A column of the source that a mapping takes as it is. */
interface Plain {
  readonly alias: string
  readonly table: Table
  readonly from: Column
}

function plainColumn(mapping: MappingDefinition, source: Source, name: string): Plain | undefined {
  const node = Object.hasOwn(mapping.columns, name) ? mapping.columns[name]! : undefined
  if (node === undefined || !ReferenceNode.is(node) || node.table === undefined) return undefined
  const alias = node.table.table.identifier.name
  const table = source.tables.get(alias)
  const from = table?.columns.find((column) => column.name === (node.column as ColumnNode).column.name)
  return table && from && { alias, table, from }
}

function isJoined({ alias }: Plain, source: Source): boolean {
  return alias !== source.alias
}

/** Whether `where` reads the column, or another one of its joined row: it may leave the nulls out. */
function asksFor({ where }: MappingDefinition, { alias, from }: Plain): boolean {
  return readsOf(where).some((read) => (from.notNull ? read.startsWith(`${alias}.`) : read === `${alias}.${from.name}`))
}

/** Such a trigger may fill what is null. */
function hasTriggerBefore(target: Table): boolean {
  return target.triggers.some(({ definition, enabled }) => enabled !== 'D' && / BEFORE /.test(definition))
}

const helpers: Readonly<Record<string, string>> = {
  uuid: 'derivedUuid',
  numeric: 'decimal',
  float4: 'decimal',
  float8: 'decimal',
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  date: 'isoDate',
  timestamptz: 'instantFromText',
  jsonb: 'parseJson',
}

function conversion(read: string, { baseType, kind }: Column): string {
  const helper = kind === 'enum' ? 'oneOf' : helpers[baseType]
  return helper === undefined ? 'Convert it in SQL: sql`…`.' : `Convert it, as with ${helper}(${read}, …).`
}
