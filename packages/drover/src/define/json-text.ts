import { type Expression, type RawBuilder, sql } from 'kysely'
import { annotate } from '../sql/annotation.ts'
import { expressionOf, unmerged } from '../sql/nodes.ts'
import { inDefaultCollation } from './characters.ts'
import { type NullOf, once, type Parsed, parsed } from './guard.ts'
import type { bool, json, jsonb, text } from './sql-types.ts'

/** Deeper nesting is refused: it costs the server's stack, which at its smallest setting holds somewhat more. */
const deepestJson = 512

/** Longer texts are refused, in bytes: what a jsonb may hold in all is limited too, and takes up to six times the text. */
const longestJson = 2 ** 24

/**
 * The jsonb that a text holds. Fails with `not-json` where the text is no JSON (RFC 8259), and where it is some that jsonb
 * cannot hold: the character `\u0000`, half of a surrogate pair, a number of more than 131,072 digits before the point or
 * 16,383 after it, nesting deeper than 512, more than 16 MiB of text. It never raises an error, on any server version.
 *
 * To keep valid JSON and wrap any other text: `parseJson(x).orElse(sql<jsonb>`to_jsonb((${x})::text)`, 'wrapped')`.
 *
 * SQL: `case when pg_input_is_valid(x, 'jsonb') then x::jsonb end`; before PostgreSQL 16 the check is made of regular
 * expressions
 */
export function parseJson<X extends text | json | null>(x: Expression<X>): Parsed<jsonb | NullOf<X>> {
  const input = once(x)
  const given = sql<text>`(${input})::text`
  const isValid = once(sql<bool>`case
      when octet_length(${given}) <= ${sql.lit(longestJson)} then ${validity(given)}
      when ${input} is not null then false
    end`)
  return parsed({
    input: input.toOperationNode(),
    value: sql`case when ${isValid} then ${given}::jsonb end`.toOperationNode(),
    failures: [{ code: 'not-json', when: sql`not ${isValid}`.toOperationNode() }],
  })
}

/** Whether the server takes the text as jsonb: it can be asked from version 16 on. */
function validity(x: Expression<text>): Expression<bool> {
  // Too deep a nesting is an error even of this function.
  const known = sql`case when ${isShallow(x)} then pg_input_is_valid(${x}, 'pg_catalog.jsonb') else false end`
  return expressionOf(
    annotate(known.toOperationNode(), { kind: 'since', version: 16, before: isJson(x).toOperationNode() }),
  )
}

/** Whether brackets outside strings are nested no deeper than allowed, up to where the text stops being JSON. */
function isShallow(x: Expression<text>): RawBuilder<bool> {
  const outside = sql`regexp_replace(${inDefaultCollation(x)}, '"(?:[^"\\\\]|\\\\.)*"', '', 'g')`
  const brackets = sql`string_to_array(regexp_replace(${outside}, '[^][{}]+', '', 'g'), null)`
  return sql`case
        when length(${x}) - length(translate(${x}, '[{', '')) <= ${sql.lit(deepestJson)} then true
        else (
          select coalesce(max(depth), 0) <= ${sql.lit(deepestJson)}
          from (
            select sum(case when sign in ('[', '{') then 1 else -1 end) over (order by position) as depth
            from unnest(${brackets}) with ordinality as bracket (sign, position)
          ) as nested
        )
      end`
}

const hex = '[0-9A-Fa-f]'
/** `\u` escapes of a character other than U+0000, surrogates only as a pair. */
const codeUnit = [
  `000[1-9A-Fa-f]`,
  `00[1-9A-Fa-f]${hex}`,
  `0[1-9A-Fa-f]${hex}{2}`,
  `[1-9A-CE-Fa-ce-f]${hex}{3}`,
  `[Dd][0-7]${hex}{2}`,
  `[Dd][89ABab]${hex}{2}\\\\u[Dd][C-Fc-f]${hex}{2}`,
].join('|')
const stringToken = `"(?:[^"\\\\\\u0001-\\u001F]|\\\\(?:["\\\\/bfnrt]|u(?:${codeUnit})))*"`
const otherToken = '-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null'
const value = '(?:""|0)'
const innermost = `\\[(?:${value}(?:,${value})*)?\\]|\\{(?:"":${value}(?:,"":${value})*)?\\}`

/**
 * The same for servers that cannot be asked. Each step writes a simpler text that is JSON exactly if the one before is:
 * every string becomes the empty one, every other scalar a zero, blanks go, then arrays and objects become zeros from the
 * innermost to the outermost.
 */
function isJson(x: Expression<text>): RawBuilder<bool> {
  // A quote that begins no string must not become one when the blanks behind it go.
  return sql`(
        select case
          when unquoted !~ '^(?:[^"]|"")*$' or tokens !~ '^[][{}:,"0]+$' then false
          when exists (select from ${numbersBeyondLimits}) then false
          else (
            with recursive reduced (tokens, depth) as (
              select lexed.tokens, 0
              union all
              select regexp_replace(reduced.tokens, ${sql.lit(innermost)}, '0', 'g'), reduced.depth + 1
              from reduced
              where reduced.depth < ${sql.lit(deepestJson)} and reduced.tokens ~ ${sql.lit(innermost)}
            )
            select bool_or(reduced.tokens in ('0', '""')) from reduced
          )
        end
        from (
          select regexp_replace(${inDefaultCollation(x)}, ${sql.lit(stringToken)}, '""', 'g') as unquoted
          ${unmerged}
        ) as stripped
        cross join lateral (
          select regexp_replace(regexp_replace(unquoted, ${sql.lit(otherToken)}, '0', 'g'), '[ \\t\\n\\r]+', '', 'g') as tokens
          ${unmerged}
        ) as lexed
      )`
}

/**
 * The numbers of `unquoted` that numeric, and so jsonb, cannot hold. Source: numeric.c, set_var_from_str and make_result.
 * Only a long number or a long exponent can be one.
 */
const numbersBeyondLimits = sql`(
            select exponent, whole, part, length(ltrim(whole || part, '0')) as significant
            from (
              select number[1] as whole, coalesce(number[2], '') as part,
                case when length(ltrim(number[3], '+-0')) > 10 then 1e11 else coalesce(number[3]::numeric, 0) end as exponent
              from regexp_matches(unquoted, '([0-9]+)(?:\\.([0-9]+))?(?:[eE]([-+]?[0-9]+))?', 'g') as number
              where unquoted ~ '[eE][-+]?[0-9]{4}|[0-9]{255}'
            ) as spelt
          ) as number
          where abs(exponent) >= 1073741823
            or length(part) - exponent > 16383
            or significant > 0 and significant - length(part) + exponent > 131072`
