import { type Expression, type numeric, sql, type text } from 'drover'

// Amounts read from the raw text, written apart from the migration's own conversions: the two check each other.

/** What may stand around a number besides it: blanks of every kind, and signs of currencies. */
const padding = sql.lit(
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff$€£¥',
)

/** A number without padding: a sign in front, or parentheses around it. */
const shape = sql.lit('^([+-]?[0-9.,]+%?|[(][0-9.,]+%?[)])$')
const english = sql.lit('^([0-9]+|[1-9][0-9]{0,2}(,[0-9]{3})+)([.][0-9]+)?$')
const european = sql.lit('^([0-9]+|[1-9][0-9]{0,2}([.][0-9]{3})+)(,[0-9]+)?$')
/** A thousand in one locale and a fraction in the other. */
const either = sql.lit('^[1-9][0-9]{0,2}[.,][0-9]{3}$')

/**
 * What a text amounts to under the policies of the run; null where it is no amount, or where nobody has said which of two
 * it is. A percent sign changes nothing, and an accountant's dash beside a currency sign is zero. `locale` is that of the
 * text's source: `eu`, another for the English way, null where it is not known.
 */
export const amountOf = (given: Expression<text>, locale: Expression<text | null>) => sql<numeric | null>`case
    when ${given} ~ (case ${locale} when 'eu' then '^-?[0-9]+$' else '^-?[0-9]+([.][0-9]{1,2})?$' end) then ${given}::numeric
    else (
      select case
          when body = '-' and ${given} ~ '[$€£¥]' then 0
          when body ~ ${shape}
            and digits ~ (case ${locale} when 'eu' then ${european} else ${english} end)
            and (${locale} is not null or digits !~ ${either})
            then case when body ~ '^[(-]' then -1 else 1 end
              * translate(digits, case ${locale} when 'eu' then ',.' else '.,' end, '.')::numeric
        end
      from (
        select body, translate(body, '()+-%', '') as digits
        from (select translate(${given}, ${padding}, '') as body) as unpadded
      ) as unsigned
    )
  end`

/** The blanks that JavaScript skips, and the longest number behind them. */
const numberAtBeginning = sql.lit(
  '^[\\t-\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]*([+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?)',
)

/**
 * What the legacy application took a text for: `parseFloat` reads the number at its beginning. Null where there is none, or
 * one that a double takes for infinite: its sums leave those out.
 */
export const amountInApp = (given: Expression<text>) => sql<numeric | null>`(
    select case when abs(amount) < 1.8e308 then amount end
    from (select substring(${given} from ${numberAtBeginning})::numeric as amount) as parsed
  )`
