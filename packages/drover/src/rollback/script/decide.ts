import { sql } from 'kysely'
import { qualifiedName } from '../../catalog/catalog.ts'
import type { Table } from '../../catalog/table.ts'
import { setDecision } from '../conflicts/added.ts'
import type { Link } from '../conflicts/links.ts'
import { keeping } from '../conflicts/needed.ts'
import { execute, literal, note, raise, valueRows } from './plpgsql.ts'
import { untilNothingIsNew } from './repeat.ts'
import type { ScriptWay } from './way.ts'

/** Decides on the rows that were found, and on what follows from that. `confirm`: what confirms added rows. */
export function decideConflicts(way: ScriptWay, links: readonly Link[], confirm: readonly string[]): readonly string[] {
  const tables = tablesOfConflicts(way, links)
  const known = `(values
      ${valueRows(tables.map((table) => [table.schema, table.name, qualifiedName(table)]))}
  ) as known (table_schema, table_name, name)`
  const isKnown = 'c.table_schema = known.table_schema and c.table_name = known.table_name'
  const decided = `coalesce(decisions ->> known.name, decisions ->> '*')`
  return [
    note('What is decided: earlier, and at the top of this script.'),
    `  decisions := coalesce((select r.on_conflict from drover.rollback as r where r.run_id = this_run), '{}')`,
    `    || coalesce(nullif(current_setting('drover.on_conflict', true), ''), '{}')::jsonb;`,
    `  select string_agg(each.name, ', ') into strange`,
    '  from jsonb_object_keys(decisions) as each (name)',
    `  where each.name not in ('*', ${tables.map((table) => literal(qualifiedName(table))).join(', ')});`,
    '  if strange is not null then',
    raise({
      errcode: 'DV002',
      message: `'There can be no conflicts in ' || strange`,
      hint: literal('Name tables as schema.name in drover.on_conflict, at the top of this script.'),
    }),
    '  end if;',
    '  if exists (select from drover.conflict as c where c.run_id = this_run) then',
    '  update drover.conflict as c',
    `  set decision = ${decided}`,
    `  from ${known}`,
    `  where c.run_id = this_run and c.decision is null and ${isKnown};`,
    '',
    note('Whatever a row refers to that stays is kept, too.'),
    ...untilNothingIsNew(keeping(way, links)),
    '',
    note('An added row that refers to no row which goes is kept as well.'),
    execute(setDecision(way, sql`c.decision = 'discard'`, sql`null`).sql),
    ...confirm,
    execute(setDecision(way, sql`c.decision is null`, sql`'keep'`).sql),
    '',
    note('Of tables about which nothing is said, nothing is decided.'),
    '  update drover.conflict as c',
    '  set decision = null',
    `  from ${known}`,
    `  where c.run_id = this_run and c.kind = 'added' and c.decision = 'discard' and ${isKnown}`,
    `    and ${decided} is null;`,
    '  end if;',
  ]
}

/** The tables whose rows can stand in the way. */
function tablesOfConflicts({ steps }: Pick<ScriptWay, 'steps'>, links: readonly Link[]): readonly Table[] {
  return [...new Set([...steps.map(({ target }) => target), ...links.map(({ child }) => child)])]
}
