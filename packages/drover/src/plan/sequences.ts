import { type RawBuilder, sql } from 'kysely'
import { type Catalog, qualifiedName, type Sequence, type Table } from '../catalog/catalog.ts'
import type { Column } from '../catalog/table.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier, tableNode, unmerged } from '../sql/nodes.ts'
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
 * The sequences that the mapping moves: those behind a column that it writes itself, which would give the application
 * values that were loaded, and those that its rows draw from. One that cycles begins again anyway.
 */
export function sequencePlans(parts: MappingParts): readonly SequencePlan[] {
  const { mapping, target, targetColumns, context } = parts
  if (mapping.kind === 'evolve') return []
  const isWritten = ({ name }: Column) => targetColumns.some((column) => column.name === name)
  return context.catalog.sequences
    .map((sequence) => ({ sequence, fed: fedColumns(sequence, target) }))
    .filter(({ sequence, fed }) => !sequence.cycles && fed.length > 0)
    .map(({ sequence, fed }) => sequencePlan(sequence, context.catalog, fed.some(isWritten)))
}

function sequencePlan(sequence: Sequence, catalog: Catalog, isWritten: boolean): SequencePlan {
  const relation = expressionOf(tableNode(sequence))
  const step = sql.lit(BigInt(sequence.increment))
  const next = sql`s.last_value + case when s.is_called then ${step} else 0 end`
  const isRising = BigInt(sequence.increment) > 0n
  const isBehind = sql`f.furthest ${sql.raw(isRising ? '>=' : '<=')} ${next}`
  const furthest = sql`(select ${furthestOf(sequence, catalog)} as furthest) as f`
  const isNoted = sql`m.run_id = $1::bigint and m.sequence_schema = ${sql.lit(sequence.schema)} and m.sequence_name = ${sql.lit(sequence.name)}`
  const name = sql.lit(compile(tableNode(sequence)))
  // Whoever else has drawn from it since went past what was loaded.
  const isOwn = isWritten ? sql` and s.last_value = f.furthest` : sql``
  return {
    name: qualifiedName(sequence),
    note: compile(
      sql`insert into drover.moved_sequence (run_id, sequence_schema, sequence_name, was_value, was_called, was_furthest)
select $1::bigint, ${sql.lit(sequence.schema)}, ${sql.lit(sequence.name)}, s.last_value, s.is_called, f.furthest
from ${relation} as s
cross join ${furthest}
on conflict (run_id, sequence_schema, sequence_name) do nothing`.toOperationNode(),
    ),
    advance: isWritten
      ? compile(
          sql`select pg_catalog.setval(${name}, f.furthest::bigint)
from ${relation} as s
cross join ${furthest}
where ${isBehind}`.toOperationNode(),
        )
      : null,
    mark: compile(
      sql`update drover.moved_sequence as m
set set_value = s.last_value
-- The rows beside those of an update are marked, and that of a sequence cannot be.
from (select last_value, is_called from ${relation} ${unmerged}) as s
cross join ${furthest}
where ${isNoted} and (s.last_value, s.is_called) is distinct from (m.was_value, m.was_called)${isOwn}`.toOperationNode(),
    ),
    restore: compile(
      sql`select case
    when (s.last_value, s.is_called) = (m.was_value, m.was_called) then true
    -- Others have drawn from it, or a row that stays holds a number that it would give again.
    when s.last_value is distinct from m.set_value or f.furthest is distinct from m.was_furthest
      and (f.furthest ${sql.raw(isRising ? '>' : '<')} m.was_value or f.furthest = m.was_value and not m.was_called) then false
    else pg_catalog.setval(${name}, m.was_value, m.was_called) is not null
  end as "isBack"
from drover.moved_sequence as m
cross join ${relation} as s
cross join ${furthest}
where ${isNoted}`.toOperationNode(),
    ),
  }
}
