import { qualifiedName } from '../../catalog/catalog.ts'
import { namedKeys, summaryStatement } from '../conflicts/summary.ts'
import { unlessOpen } from './fit.ts'
import { block, dollarQuoted, literal, raise } from './plpgsql.ts'
import type { ScriptWay } from './way.ts'

/** Ends the script where something is undecided, with what there is. */
export function undecidedBlock({ runId, steps }: ScriptWay, keepsList: 'keeps the list' | 'keeps nothing'): string {
  const [first] = steps.map(({ target }) => qualifiedName(target))
  const query = `select * from drover.conflict where run_id = ${runId} and decision is null`
  return block(
    runId,
    ['found record', `told text := ''`],
    [
      unlessOpen,
      `  for found in execute ${dollarQuoted(summaryStatement, 'sql')} using this_run, ${namedKeys} loop`,
      `    told := told || format(e'%s.%s: %s rows %s (keys %s%s)\\n', found.schema, found.name, found.n,`,
      `      case found.kind`,
      `        when 'changed' then 'changed since'`,
      `        when 'deleted' then 'deleted since'`,
      `        when 'added' then 'added since, which refer to rows that would go'`,
      `        else 'needed by rows that stay'`,
      '      end,',
      `      array_to_string(found.keys, ', '), case when found.n > ${namedKeys} then ', …' else '' end);`,
      '  end loop;',
      `  if told <> '' then`,
      raise({
        errcode: 'DV002',
        message: literal(
          'Others have written since the run, and it is not decided what becomes of that; nothing was touched.',
        ),
        detail: 'told',
        hint: literal(
          `${
            keepsList === 'keeps the list'
              ? `All of them: ${query}.`
              : 'A script in chunks, or drover rollback, leaves all of them in drover.conflict.'
          } Decide at the top of this script: set drover.on_conflict = '{"*": "keep"}', or discard, or by table: '{"${first}": "keep"}'.`,
        ),
      }),
      '  end if;',
    ],
  )
}
