import { type Expression, type RawBuilder, sql } from 'kysely'
import type { ComparedColumn } from './measure.ts'

/**
 * What parts words: every sign of ASCII but the @, which is left to e-mail addresses, and the signs and blanks of the blocks
 * Latin-1 Supplement and General Punctuation.
 */
const signs = '[\\u0001-\\u002F\\u003A-\\u003F\\u005B-\\u0060\\u007B-\\u007F\\u00A0-\\u00BF\\u2000-\\u206F]+'

/** Letters that have no decomposition, and what stands for them without their marks. */
const letters = { from: 'øłđðıßæœþ', to: 'olddisaot' }

/**
 * The text as it is compared: lower case, without accents, a space for signs. Most texts are plain ASCII, for which the
 * short way gives the same.
 */
function folded(text: Expression<unknown>): RawBuilder<string> {
  const plain = sql`lower(${text} collate "C") collate "default"`
  const decomposed = sql`normalize(lower(${text} collate "pg_catalog"."und-x-icu"), nfkd) collate "default"`
  const unmarked = sql`regexp_replace(${decomposed}, ${sql.lit('[\\u0300-\\u036F]+')}, '', 'g')`
  const latin = sql`translate(${unmarked}, ${sql.lit(letters.from)}, ${sql.lit(letters.to)}) collate "default"`
  const lower = sql`case when octet_length(${text}) = char_length(${text}) then ${plain} else ${latin} end`
  // Eight times as fast as translate() with so many signs.
  return sql<string>`regexp_replace(${lower}, ${sql.lit(signs)}, ' ', 'g')`
}

/** The text of a column as it is compared; null where nothing is left of it. */
export function comparedText({ form }: ComparedColumn, text: Expression<unknown>): RawBuilder<string | null> {
  if (form === 'digits') return sql`nullif(right(regexp_replace(${text} collate "default", '[^0-9]+', '', 'g'), 9), '')`
  return sql`nullif(btrim(${folded(text)}), '')`
}

/**
 * The parts of a compared text that blocking keys are made of, as one row of a lateral subquery: `words` in order, how the
 * words `sound`, their `starts` and their `ends`.
 */
export function partsOf({ form }: ComparedColumn, text: Expression<unknown>): RawBuilder<unknown> {
  if (form === 'digits') {
    return sql`select ${text} as words, null::text as sound, left(${text}, 5) as starts, right(${text}, 5) as ends`
  }
  const words = form === 'email' ? sql`split_part(${text}, '@', 1)` : text
  const all = (part: RawBuilder<unknown>) => sql`string_agg(${part}, ' ' order by word collate "C")`
  return sql`select ${all(sql`word`)} as words, ${all(soundOf(sql`word`))} as sound,
      ${all(sql`left(word, 4)`)} as starts, ${all(sql`right(word, 4)`)} as ends
    from unnest(string_to_array(${words}, ' ')) as parted (word)
    where word <> ''`
}

/**
 * The first letter, then the classes of the consonants, the same one in a row once. Source: Soundex, Russell 1918, without
 * its limit of four signs.
 */
function soundOf(word: Expression<unknown>): RawBuilder<string> {
  const classes = sql`translate(substr(${word}, 2), 'bfpvcgjkqsxzdtlmnraeiouyhw', '111122222222334556')`
  return sql`left(${word}, 1) || regexp_replace(${classes} collate "default", ${sql.lit('(.)\\1+')}, ${sql.lit('\\1')}, 'g')`
}
