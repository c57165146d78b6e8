import { type RawBuilder, sql } from 'kysely'
import { type Catalog, qualifiedName, type Sequence, type Table } from '../catalog/catalog.ts'
import type { Column } from '../catalog/table.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import type { SequencePlan } from './plan.ts'
import type { MappingParts } from './row.ts'

/** Of texts that are made with a sequence nobody knows which one is the last. */
const counting: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'numeric'])

/** The columns of the table that take numbers from the sequence. */
export function fedColumns({ feeds }: Sequence, table: Table): readonly Column[] {
  return table.columns.filter(
    (column) =>
      counting.has(column.baseType) &&
      feeds.some((fed) => fed.schema === table.schema && fed.table === table.name && fed.column === column.name),
  )
}

/** The value that the sequence has to be past, of all columns that it feeds; null where they hold none. */
export function furthestOf({ feeds, increment }: Sequence, { tables }: Catalog): RawBuilder<unknown> {
  const isRising = BigInt(increment) > 0n
  const values = tables.flatMap((table) =>
    feeds.some((fed) => fed.schema === table.schema && fed.table === table.name)
      ? fedColumns({ feeds } as Sequence, table).map((column) => furthestIn(table, column, isRising))
      : [],
  )
  return sql`${sql.raw(isRising ? 'greatest' : 'least')}(${sql.join(values)})`
}

/** A number may be no finite one. */
function furthestIn(table: Table, { name, baseType }: Column, isRising: boolean): RawBuilder<unknown> {
  const column = expressionOf(identifier(name))
  const finite = baseType === 'numeric' ? sql` where ${column} > '-Infinity' and ${column} < 'Infinity'` : sql``
  return sql`(select trunc(${sql.raw(isRising ? 'max' : 'min')}(${column})::numeric) from ${expressionOf(tableNode(table))}${finite})`
}

/**
 * The sequences that would give the application values which the mapping has loaded: those behind a column that it writes
 * itself. One that cycles begins again anyway.
 */
export function sequencePlans({ target, targetColumns, context: { catalog } }: MappingParts): readonly SequencePlan[] {
  const isWritten = ({ name }: Column) => targetColumns.some((column) => column.name === name)
  return catalog.sequences
    .filter((sequence) => !sequence.cycles && fedColumns(sequence, target).some(isWritten))
    .map((sequence) => sequencePlan(sequence, catalog))
}

function sequencePlan(sequence: Sequence, catalog: Catalog): SequencePlan {
  const relation = expressionOf(tableNode(sequence))
  const step = sql.lit(Number(sequence.increment))
  const next = sql`s.last_value + case when s.is_called then ${step} else 0 end`
  const isBehind = BigInt(sequence.increment) > 0n ? sql`f.furthest >= ${next}` : sql`f.furthest <= ${next}`
  return {
    name: qualifiedName(sequence),
    note: compile(
      sql`insert into drover.moved_sequence (run_id, sequence_schema, sequence_name, was_value, was_called)
select $1::bigint, ${sql.lit(sequence.schema)}, ${sql.lit(sequence.name)}, s.last_value, s.is_called
from ${relation} as s
on conflict (run_id, sequence_schema, sequence_name) do nothing`.toOperationNode(),
    ),
    advance: compile(
      sql`select pg_catalog.setval(${sql.lit(compile(tableNode(sequence)))}, f.furthest::bigint)
from ${relation} as s
cross join (select ${furthestOf(sequence, catalog)} as furthest) as f
where ${isBehind}`.toOperationNode(),
    ),
  }
}
