import { type Expression, type RawBuilder, sql } from 'kysely'
import { fold, lowerTrim } from '../define/text.ts'
import { compile } from '../sql/compile.ts'
import { columnOf, expressionOf, identifier, unmerged } from '../sql/nodes.ts'
import { type BlockingKey, blockNumbers, keyMask, partsAlias } from './blocking.ts'
import { comparedText, partsOf } from './forms.ts'
import type { ComparedColumn } from './measure.ts'
import { pairScore, type Scorer, scoreSteps, traceOf } from './score.ts'
import { fromSubject, type Subject, textOf } from './subject.ts'

/** What is compared with what, and by which measure. */
export interface Comparison {
  readonly subject: Subject
  readonly columns: readonly ComparedColumn[]
  readonly keys: readonly BlockingKey[]
  readonly scorer: Scorer
  readonly threshold: number
  readonly maxPairs: number
  /** Whether it is told for each pair which columns are the same in both rows. */
  readonly tellsAgreement: boolean
}

/** Rows of the answer for pairs and for keys: each holds arrays, which take less room in the client than rows do. */
const answerRows = 64

/**
 * One statement that brings rows together in blocks, compares the pairs within, smallest blocks first as long as the limit
 * on pairs holds, and returns those alike. All of it is a query: temporary tables cannot be made in a read-only
 * transaction, nor on a standby. Rows are numbered as they come; the numbers mean nothing outside the answer.
 *
 * Its rows tell by `part` what their arrays hold: `pairs` row a, row b, score in steps, columns that agree as bits ·
 * `rows` number, and key, of the rows of these pairs · `blocks` key number, rows per block, number of such blocks ·
 * `largest` key number and rows of its largest block that was not compared, and the key of a row of it · `counts` rows,
 * pairs compared, rows of the largest blocks compared.
 */
export function comparisonStatement(comparison: Comparison): string {
  const { subject, maxPairs, threshold } = comparison
  const slice = (number: RawBuilder<unknown>) => sql`group by ${number} % ${sql.lit(answerRows)}`
  const statement = sql`with source as materialized (
  select row_number() over ()::int4 as n, made.*
  from (
    ${rowsOf(comparison)}
    ${unmerged}
  ) as made
), block as materialized (
  select (number & ${sql.lit(keyMask)})::int4 as key, count(*)::int4 as rows, array_agg(n) as members
  from (select n, unnest(numbers) as number from source) as entry
  group by number
  having count(*) > 1
), size as materialized (
  select key, rows, count(*)::int4 as blocks, count(*) * rows * (rows - 1) / 2 as pairs
  from block
  group by key, rows
), most as materialized (
  select coalesce(max(rows), 1) as rows
  from (select rows, sum(sum(pairs)) over (order by rows) as pairs from size group by rows) as running
  where pairs <= ${sql.lit(maxPairs)}
), pair as materialized (
  select distinct least(one.n, other.n) as a, greatest(one.n, other.n) as b
  from block
  cross join lateral unnest(block.members) as one (n)
  cross join lateral unnest(block.members) as other (n)
  where block.rows <= (select rows from most) and one.n < other.n
), alike as materialized (
  select scored.*
  from (
    ${scoredPairs(comparison)}
  ) as scored
  where score >= ${sql.lit(Math.round(threshold * scoreSteps))}
)
select 'pairs' as part, array_agg(a) as a, array_agg(b) as b, array_agg(score) as c, array_agg(agreeing) as d, null::text[] as keys
from alike
${slice(sql`a`)}
union all
select 'rows', array_agg(n), null, null, null, array_agg(key)
from source
where n in (select a from alike union all select b from alike)
${slice(sql`n`)}
union all
select 'blocks', array_agg(key), array_agg(rows), array_agg(blocks), null, null
from size
union all
select 'largest', array[large.key], array[large.rows], null, null, array[source.key]
from (
  select distinct on (key) key, rows, members[1] as n
  from block
  where rows > (select rows from most)
  order by key, rows desc
) as large
join source on source.n = large.n
union all
select 'counts', array[(select count(*)::int4 from source), (select count(*)::int4 from pair), (select rows from most)], null, null, null, null`
  return `/* drover duplicates ${subject.name} */\n${compile(statement.toOperationNode())}`
}

/** A row for each of the subject's that has a key: the key, the blocks it lies in, and what is compared of it. */
function rowsOf(comparison: Comparison): RawBuilder<unknown> {
  const { subject, columns, keys, scorer, tellsAgreement } = comparison
  const each = (part: (column: ComparedColumn, i: number) => RawBuilder<unknown>, separator: string) =>
    sql.join(columns.map(part), sql.raw(separator))
  const folded = (i: number) => columnOf('folded', `text_${i}`)
  // offset 0 around it keeps it apart from row_number(), which one process does alone; this is for all of them.
  // Each step is a subquery of its own, so that the server computes once what the next one mentions often.
  return sql`select ${subject.key} as key,
      ${blockNumbers(keys)} as numbers,
      ${each((_, i) => sql`${scorer.trace(folded(i))} as ${id(`trace_${i}`)}`, ',\n      ')}${
        tellsAgreement ? sql`,\n      ${each((column, i) => exactOf(subject, column, i), ',\n      ')}` : sql``
      }
    ${fromSubject(subject)}
    cross join lateral (
      select ${each(({ name }, i) => sql`${textOf(subject, name)} as ${id(`text_${i}`)}`, ', ')}
      ${unmerged}
    ) as given
    cross join lateral (
      select ${each((column, i) => sql`${comparedText(column, columnOf('given', `text_${i}`))} as ${id(`text_${i}`)}`, ',\n        ')}
      ${unmerged}
    ) as folded
    ${each((column, i) => sql`cross join lateral (\n    ${partsOf(column, folded(i))}\n    ) as ${id(partsAlias(i))}`, '\n    ')}
    where ${subject.key} is not null`
}

/** The pairs with their scores. */
function scoredPairs({ columns, scorer, tellsAgreement }: Comparison): RawBuilder<unknown> {
  const likeness = columns.map(
    (_, i) => sql`${scorer.likeness(traceOf('one', i), traceOf('other', i))} as ${id(`alike_${i}`)}`,
  )
  const agreeing = columns.map(
    (_, i) =>
      sql`case when ${columnOf('one', `exact_${i}`)} is not distinct from ${columnOf('other', `exact_${i}`)} then ${sql.lit(2 ** i)} else 0 end`,
  )
  return sql`select pair.a, pair.b,
      ${pairScore(columns, (i) => columnOf('compared', `alike_${i}`))} as score,
      ${tellsAgreement ? sql.join(agreeing, sql` + `) : sql`0`} as agreeing
    from pair
    join source as one on one.n = pair.a
    join source as other on other.n = pair.b
    cross join lateral (select ${sql.join(likeness)} ${unmerged}) as compared`
}

/** Equal where the language's own way to fold such a column gives the same. */
function exactOf(subject: Subject, column: ComparedColumn, i: number): RawBuilder<unknown> {
  return sql`hashtextextended((${exactText(column, columnOf(subject.alias, column.name))}) collate "C", 0) as ${id(`exact_${i}`)}`
}

/** `lowerTrim` of an e-mail address, `fold` of any other text. */
export function exactText({ form }: ComparedColumn, value: Expression<unknown>): Expression<unknown> {
  const text = sql<string>`(${value})::text`
  return form === 'email' ? lowerTrim(text) : fold(text)
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
