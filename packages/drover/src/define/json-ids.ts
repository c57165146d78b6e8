import { type Expression, type RawBuilder, sql } from 'kysely'
import { DroverError } from '../error.ts'
import { annotate } from '../sql/annotation.ts'
import { expressionOf } from '../sql/nodes.ts'
import { type Failure, guarded, type NullOf, once, type Parsed, parsed } from './guard.ts'
import { crosswalkOf, type MappingRef } from './reference.ts'
import type { bool, jsonb, text } from './sql-types.ts'

/** A document whose ids were rewritten, see {@link rewriteIds}. */
export interface RewrittenIds<T> extends Parsed<T> {
  /** Ids that lead nowhere stay as they are; the row gets a note `orphan`, or `code`, or `waiting`. */
  orKeep(code?: string): Expression<T>
}

/**
 * A jsonb in which source keys were replaced by target keys: the members named in `mappings`, at any depth, whose value
 * is a string or a number, or an array of nothing else. Each is carried through the crosswalk of its mapping, as `ref`
 * does; other values under these names stay. Fails with `waiting` where one leads to a row that was set aside or
 * excluded, with `orphan` where one leads to no row. As the whole document then becomes null or another one, `orKeep`
 * is often the better choice.
 *
 * `rewriteIds(d.layout_config, { clinicId: clinics, metricIds: metricDefinitions }).orKeep()`
 *
 * SQL: a subquery that takes the document's text apart with `regexp_matches`, looks the ids of such members up in
 * `drover.crosswalk_<mapping>`, and puts the text together again with `string_agg`
 *
 * @throws DroverError `definition-invalid` where no member is named.
 */
export function rewriteIds<X extends jsonb | null>(
  x: Expression<X>,
  mappings: Readonly<Record<string, MappingRef>>,
): RewrittenIds<jsonb | NullOf<X>> {
  const members = Object.entries(mappings)
  if (members.length === 0) {
    throw new DroverError('definition-invalid', 'rewriteIds was given no member to look for.', {
      remedy: 'Name them: rewriteIds(x, { clinicId: clinics }).',
    })
  }
  const input = once(x)
  const mentions = members.map(([name]) => sql`strpos((${input})::text, ${nameToken(name)}) > 0`)
  const rewritten = sql<jsonb>`case when ${sql.join(mentions, sql` or `)} then ${rewrite(input, members)} end`
  const outcome = once(
    expressionOf<jsonb>(
      annotate(rewritten.toOperationNode(), {
        kind: 'document',
        mappings: [...new Set(members.map(([, { name }]) => name))],
        document: input.toOperationNode(),
      }),
    ),
  )
  const has = (code: string) => sql<bool>`coalesce((${outcome} ->> ${sql.lit(code)})::boolean, false)`
  const value = once(sql<jsonb>`coalesce(${outcome} -> 'value', ${input})`)
  const failures: readonly Failure[] = [
    { code: 'waiting', fixedCode: true, when: has('waiting').toOperationNode() },
    { code: 'orphan', when: has('orphan').toOperationNode() },
  ]
  return {
    ...parsed<jsonb | NullOf<X>>({
      input: input.toOperationNode(),
      value: sql`case when not (${has('waiting')} or ${has('orphan')}) then ${value} end`.toOperationNode(),
      failures,
    }),
    orKeep: (code) =>
      guarded(
        value.toOperationNode(),
        failures.map((failure) => ({
          code: failure.fixedCode ? failure.code : (code ?? failure.code),
          outcome: 'note',
          when: failure.when,
        })),
      ),
  }
}

const string = '"(?:[^"\\\\]|\\\\.)*"'
/** A string or a number, as the server prints a jsonb. */
const scalar = `${string}|-?[0-9][0-9.]*`
/** A string, with what follows it where it is a name: an id or a list of ids. Or what stands between two strings. */
const pieces = `((${string})(?:: (${scalar}|\\[(?:${scalar})(?:, (?:${scalar}))*\\]))?|[^"]+)`
/** An id of a list, or what stands between two of them. */
const entries = `(${scalar}|[^"0-9-]+)`

/**
 * `{ value, waiting, orphan }` of a document, which is taken apart as text and put together again. `found` is an array of
 * the target key, and null where an id leads to no row.
 */
function rewrite(x: Expression<unknown>, members: readonly (readonly [string, MappingRef])[]): RawBuilder<jsonb> {
  const lookUps = members.map(
    ([name, mapping]) => sql`when ${nameToken(name)} then (
              select jsonb_build_array(walked.id)
              from ${crosswalkOf(mapping)} as walked
              where walked.source_key = (token.content::jsonb #>> '{}') collate "C"
            )`,
  )
  const listed = sql`piece.part[3] is not null and piece.part[2] in (${sql.join(members.map(([name]) => nameToken(name)))})`
  return sql`(
        select jsonb_build_object(
          'value', string_agg(
            case when found is null or found = '[null]' then content else (found -> 0)::text end, '' order by position, place
          )::jsonb,
          'waiting', bool_or(is_id and coalesce(found = '[null]', false)),
          'orphan', bool_or(is_id and found is null)
        )
        from (
          select piece.position, token.place, token.content, token.is_id, case when token.is_id then case piece.part[2]
            ${sql.join(lookUps, sql.raw('\n            '))}
            end end as found
          from regexp_matches((${x})::text, ${sql.lit(pieces)}, 'g') with ordinality as piece (part, position)
          cross join lateral (
            select 0 as place, case when ${listed} then piece.part[2] || ': ' else piece.part[1] end as content, false as is_id
            union all
            select entry.place, entry.part[1], entry.part[1] ~ '^["0-9-]'
            from regexp_matches(case when ${listed} then piece.part[3] end, ${sql.lit(entries)}, 'g')
              with ordinality as entry (part, place)
          ) as token
        ) as rewritten
      )`
}

/** A member's name as the server prints it. */
function nameToken(name: string): RawBuilder<text> {
  return sql`to_jsonb(${sql.lit(name)}::text)::text`
}
