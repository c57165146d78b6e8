import { drawsFor } from './random.ts'

/**
 * The value's text as an SQL expression over `number`, `kind`, `place` and `plain` (the amount as a plain number). Plain
 * numbers have at most two decimals; nothing but V08 looks like 1.234.
 */
export function valueText(seed: number): string {
  const draws = drawsFor(seed, 'value_text', 'number')
  const large = `to_char(1000 + ${draws.below('large', 2_500_000)} / 100.0, 'FM999,999,990.00')`
  const small = `to_char(1 + ${draws.below('small', 99_800)} / 100.0, 'FM990.00')`
  const europeanLarge = `translate(${large}, ',.', '.,')`
  const europeanSmall = `translate(${small}, '.', ',')`
  const ambiguous = `(1 + ${draws.below('thousands', 999)}) || '.' || to_char(${draws.below('units', 1_000)}, 'FM000')`
  return `case when kind is null then plain else case kind
        when 'V01' then case place % 4
          when 0 then '$' || ${large}
          when 1 then ' $ ' || ${large} || ' '
          when 2 then '-$' || ${small}
          else '$' || ${large} || ' '
        end
        when 'V02' then case when place % 5 = 0 then '-' else '' end || ${large}
        when 'V03' then case when place % 10 = 0 then '-' else '' end
          || plain || case when place % 3 = 0 then ' %' else '%' end
        when 'V04' then case place % 3
          when 0 then '(' || ${small} || ')'
          when 1 then '($' || ${large} || ')'
          else '(' || ${large} || ')'
        end
        when 'V05' then (array['$ -   ', ' $ - ', '$ -'])[1 + place % 3]
        when 'V06' then case place % 4
          when 0 then chr(160) || plain
          when 1 then plain || chr(160)
          when 2 then ' ' || chr(160) || plain || chr(160) || ' '
          else '  ' || plain || chr(160) || ' '
        end
        when 'V07' then case place % 3
          when 0 then ${europeanSmall}
          when 1 then ${europeanLarge}
          else '-' || ${europeanLarge}
        end
        when 'V08-sheet' then ${ambiguous}
        when 'V08-form' then case when place % 3 = 0 then '-' else '' end || ${ambiguous}
        when 'V09' then (array['N/A', '#DIV/0!', '', '-', 'TBD', '#REF!', '✅'])[1 + place % 7]
        when 'V10' then (array['Infinity', 'NaN', '1e400'])[1 + place % 3]
        else plain
      end end`
}
