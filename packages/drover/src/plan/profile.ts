import { AliasNode, type RawBuilder, type SelectQueryNode, sql, TableNode } from 'kysely'
import { type Catalog, findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Column, Table } from '../catalog/table.ts'
import { spaceLiteral } from '../define/characters.ts'
import type { MigrationDefinition } from '../define/migration.ts'
import { compile } from '../sql/compile.ts'
import { mask } from '../sql/mask.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { tablesFrom } from './passes.ts'
import { nameOf } from './source.ts'

/** What a check may show of a column's values: nothing but counts, masks, or the values themselves. */
export type Showing = 'counts' | 'masks' | 'values'

/** A table of the source, and how its columns are profiled. */
export interface ProfilePlan {
  readonly table: string
  readonly columns: readonly ProfiledColumn[]
  /**
   * Exact, in one pass: `rows`, and `columns`, for each column as JSON `nulls`, `blank`, `outer`, `double`, `min`, `max`,
   * `shortest` and `longest`.
   */
  readonly statement: string
  /** Whether the table can be sampled by its blocks; of another one the first rows are taken. */
  readonly isSampled: boolean
  /**
   * Of a sample, `percent` of the rows: a row for each column that is looked into, with `position` from 1, `sampled`
   * values, `found`, how many different ones, `once`, how many of those occur once, and `shapes`, the most frequent.
   */
  readonly sample: (percent: number | null) => string
}

/** A column that is looked at, and what may be shown of it. */
export interface ProfiledColumn {
  readonly name: string
  readonly type: string
  readonly shows: Showing
}

/** Rows that are looked at for shapes and for the number of different values. */
export const sampleRows = 10_000

/** Shapes of a column that are told. */
const shownShapes = 3

/** The tables of the source that the mappings read, each once: the driving ones, the joined ones, those in subqueries. */
export function profilesOf(
  definition: MigrationDefinition,
  catalog: Catalog,
  showsValues: boolean,
): readonly ProfilePlan[] {
  const targets = new Set(definition.mappings.filter(({ kind }) => kind !== 'evolve').map(({ to }) => to))
  const names = new Set(definition.mappings.flatMap(({ from }) => tablesFrom(from)))
  return [...names].flatMap((name) => {
    const table = findTable(catalog, name)
    return table === undefined || targets.has(name) ? [] : [profileOf(table, definition, showsValues)]
  })
}

function profileOf(table: Table, definition: MigrationDefinition, showsValues: boolean): ProfilePlan {
  const name = qualifiedName(table)
  // Where a mapping reads from a query, its columns are taken for those of every table in it.
  const readers = definition.mappings.filter(({ from }) => tablesFrom(from).includes(name))
  const hidden = (list: 'secret' | 'personal', column: string) =>
    readers.some((mapping) => mapping[list].includes(column))
  // Of a joined table nobody can say which of its columns are secret: its values are never shown.
  const mayShow = showsValues && readers.some(({ from }) => drives(from, name))
  const columns = table.columns.map((column) => ({
    column,
    shows: hidden('secret', column.name)
      ? ('counts' as const)
      : hidden('personal', column.name) || !mayShow
        ? ('masks' as const)
        : ('values' as const),
  }))
  const from = expressionOf(tableNode(table))
  return {
    table: name,
    columns: columns.map(({ column, shows }) => ({ name: column.name, type: column.type, shows })),
    statement: compile(
      sql`select count(*)::text as rows,
  array[
    ${sql.join(
      columns.map(({ column, shows }) => sql`${figures(column, shows)}::text`),
      sql.raw(',\n    '),
    )}
  ]::text[] as columns
from ${from} as t`.toOperationNode(),
    ),
    isSampled: ['table', 'partitioned', 'materialized view'].includes(table.kind),
    sample: (percent) => compile(sampleQuery(from, columns, percent).toOperationNode()),
  }
}

function drives(from: SelectQueryNode, table: string): boolean {
  const [driving] = from.from?.froms ?? []
  return driving !== undefined && AliasNode.is(driving) && TableNode.is(driving.node) && nameOf(driving.node) === table
}

/** White space at the ends is looked for where a cheap look says that there may be some: it costs a fifth. */
function figures(column: Column, shows: Showing): RawBuilder<unknown> {
  const value = sql`t.${id(column.name)}`
  const counts = sql`'nulls', (count(*) - count(${value}))::text`
  if (!isText(column)) {
    const [min, max] = shows === 'counts' ? [] : extremes(column, value, shows)
    return sql`jsonb_build_object(${counts}${min ? sql`, 'min', ${min}, 'max', ${max}` : sql``})`
  }
  const text = sql`(${value}::text collate "C")`
  const trimmed = sql`btrim(${text}, ${spaceLiteral})`
  // A white space of ASCII sorts before all that is none; any other is more than one byte.
  const mayBeTrimmed = sql`(${text} < '!' or right(${text}, 1) < '!' or octet_length(${text}) <> char_length(${text}))`
  const white = sql`'blank', (count(*) filter (where ${mayBeTrimmed} and ${trimmed} = ''))::text,
      'outer', (count(*) filter (where ${mayBeTrimmed} and ${trimmed} <> '' and ${trimmed} <> ${text}))::text,
      'double', (count(*) filter (where ${text} like '%  %'))::text`
  if (shows === 'counts') return sql`jsonb_build_object(${counts}, ${white})`
  const shown = (extreme: RawBuilder<unknown>) => (shows === 'values' ? sql`left(${extreme}, 200)` : mask(extreme))
  return sql`jsonb_build_object(${counts}, ${white},
      'min', ${shown(sql`min(${text})`)}, 'max', ${shown(sql`max(${text})`)},
      'shortest', min(char_length(${text})), 'longest', max(char_length(${text})))`
}

/** The least and the greatest value; of a date or time only its year, unless values are shown. */
function extremes(
  { baseType, kind }: Column,
  value: RawBuilder<unknown>,
  shows: Showing,
): readonly RawBuilder<unknown>[] {
  const both = (shown: (extreme: RawBuilder<unknown>) => RawBuilder<unknown>, input = value) => [
    shown(sql`min(${input})`),
    shown(sql`max(${input})`),
  ]
  const asText = (extreme: RawBuilder<unknown>) => sql`(${extreme})::text`
  if (dates.has(baseType)) {
    return both(shows === 'values' ? asText : (extreme) => sql`extract(year from ${extreme})::text`)
  }
  const isShown = numbers.has(baseType) || times.has(baseType) || kind === 'enum'
  if (isShown) return both(shows === 'values' ? asText : mask)
  return baseType === 'uuid' ? both(shows === 'values' ? asText : mask, sql`(${value}::text collate "C")`) : []
}

function sampleQuery(
  from: RawBuilder<unknown> | ReturnType<typeof expressionOf>,
  columns: readonly { readonly column: Column; readonly shows: Showing }[],
  percent: number | null,
): RawBuilder<unknown> {
  const looked = columns.flatMap(({ column, shows }, i) =>
    shows === 'counts' || unprintable.has(column.baseType) ? [] : [{ column, position: i + 1 }],
  )
  const values = looked.map(({ column, position }) => {
    const text = sql`t.${id(column.name)}::text`
    return sql`(${sql.lit(position)}, ${sql.lit(isText(column))}, ${text})`
  })
  // A whole document is a value too: of a long one its start and its digest stand for it.
  const short = sql`case when char_length(v.value) <= 200 then v.value else left(v.value, 160) || md5(v.value) end`
  const sampling = percent === null ? sql`` : sql` tablesample bernoulli (${sql.lit(percent)}) repeatable (1)`
  const rows = values.length === 0 ? sql`(0, false, null)` : sql.join(values)
  return sql`with sampled as materialized (
  select v.position, v.is_text, ${short} as value
  from (select * from ${from} as t${sampling} limit ${sql.lit(sampleRows * 2)}) as t
  cross join lateral (values ${rows}) as v (position, is_text, value)
  where v.value is not null
), counted as materialized (
  select position, is_text, value, count(*) as n
  from sampled
  group by position, is_text, value
), shaped as (
  select position, shape, sum(n) as n, row_number() over (partition by position order by sum(n) desc, shape collate "C") as place
  from (select position, n, ${mask(sql`value`)} as shape from counted where is_text) as masked
  group by position, shape
)
select counted.position, sum(n)::text as sampled, count(*)::text as found, (count(*) filter (where n = 1))::text as once,
  (
    select jsonb_agg(jsonb_build_object('shape', shape, 'n', shaped.n::text) order by place)
    from shaped
    where shaped.position = counted.position and place <= ${sql.lit(shownShapes)}
  )::text as shapes
from counted
group by counted.position
order by counted.position`
}

const texts: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar', 'name'])
const numbers: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'money'])
const dates: ReadonlySet<string> = new Set(['date', 'timestamp', 'timestamptz'])
const times: ReadonlySet<string> = new Set(['time', 'timetz', 'interval'])
/** Types whose text says nothing of how many different values there are, or is dear to make. */
const unprintable: ReadonlySet<string> = new Set(['bytea', 'tsvector', 'xml'])

function isText({ baseType }: Column): boolean {
  return texts.has(baseType) || /[.]citext$/.test(baseType)
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
