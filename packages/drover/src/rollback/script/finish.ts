import { findTable, qualifiedName } from '../../catalog/catalog.ts'
import { rollbackStatements } from '../../ledger/rollback.ts'
import { fingerprintQuery } from '../../ledger/take-fingerprint.ts'
import { compile } from '../../sql/compile.ts'
import { othersStatement } from '../compare.ts'
import { isOfRun } from '../triggered.ts'
import { definitionsNow, definitionsOf } from './definitions.ts'
import { asReplica } from './discard.ts'
import { changeState, recordEvent, unlessRollingBack } from './fit.ts'
import { block, dollarQuoted, execute, literal, note, raise, valueRows } from './plpgsql.ts'
import type { ScriptWay } from './way.ts'

/** What is done where a table differs that nobody else has written to. */
export type OnFailure = 'refuse' | 'tell later'

/** I6: compares with the start, sets sequences back, and ends the rollback. */
export function finishBlock(way: ScriptWay, onFailure: OnFailure): string {
  const declarations = [
    `findings jsonb := '[]'`,
    'taken record',
    'was record',
    'others record',
    'missing numeric',
    'verdict text',
    'is_back boolean',
    'different record',
    'n bigint',
  ]
  return block(way.runId, declarations, [
    unlessRollingBack,
    asReplica,
    ...way.fingerprints.flatMap((fingerprint) => compareTable(way, fingerprint)),
    ...compareDefinitions(way),
    ...(way.plan.hazards.some(({ name }) => name === 'fires-triggers') ? findTriggered(way) : []),
    ...(onFailure === 'refuse'
      ? [
          '',
          note('All or nothing: a sequence is set back outside of any transaction, so that comes last.'),
          `  if findings @> '[{"verdict": "fail"}]' then`,
          raise({
            errcode: 'DV006',
            message: literal(
              'A table would differ from the start, and nobody else has written to it. Nothing was changed.',
            ),
            detail: `(select string_agg(each ->> 'detail', e'\\n') from jsonb_array_elements(findings) as each where each ->> 'verdict' = 'fail')`,
          }),
          '  end if;',
          '  set constraints all immediate;',
        ]
      : []),
    ...restoreSequences(way),
    '',
    `  verdict := case when findings @> '[{"verdict": "fail"}]' then 'fail' when findings @> '[{"verdict": "warn"}]' then 'warn' else 'pass' end;`,
    execute(rollbackStatements.finish, { using: ['this_run', 'verdict', 'findings'] }),
    changeState('rolled_back', 'what the run wrote is taken back'),
    recordEvent('rollback ended', `json_build_object('verdict', verdict)`),
  ])
}

/** An entry of the findings. All are SQL expressions, each a text. */
function find(check: string, object: string, verdict: string, detail: string): string {
  return `    findings := findings || jsonb_build_object('check', ${literal(check)}, 'object', ${object}, 'verdict', ${verdict}, 'detail',
      ${detail});`
}

function compareTable(
  { plan }: ScriptWay,
  { schema, table: name, algorithm }: ScriptWay['fingerprints'][number],
): readonly string[] {
  const object = qualifiedName({ schema, name })
  const table = findTable(plan.catalog, object)!
  return [
    '',
    note(`The rows of ${object}.`),
    execute(compile(fingerprintQuery(table, algorithm).toOperationNode()), { into: 'taken' }),
    '  select b.* into was',
    '  from drover.target_before as b',
    `  where b.run_id = this_run and b.table_schema = ${literal(schema)} and b.table_name = ${literal(name)};`,
    '  if (taken.rows, taken.high, taken.low) = (was.rows::text, was.high::text, was.low::text) then',
    find(
      'fingerprint',
      literal(object),
      `'pass'`,
      `format('%s is as it was: %s rows.', ${literal(object)}, taken.rows)`,
    ),
    '  else',
    execute(othersStatement(table), { into: 'others' }),
    '    missing := was.rows - (taken.rows::numeric - others.since - others.kept);',
    "    verdict := case when others.since = 0 and others.kept = 0 and missing <= 0 then 'fail' else 'warn' end;",
    find(
      'fingerprint',
      literal(object),
      'verdict',
      `format('%s had %s rows and has %s: %s stay by decision, %s were written by others since, %s of those from before are changed or gone.',
        ${literal(object)}, was.rows, taken.rows, others.kept, others.since, greatest(missing, 0))`,
    ),
    '  end if;',
  ]
}

function compareDefinitions({ plan }: ScriptWay): readonly string[] {
  const definitions = definitionsOf(plan)
  if (definitions.length === 0) return []
  const rows = definitions.map(([table, kind, name, definition]) => [
    table,
    relationOf(plan, table),
    kind,
    name,
    definition,
  ])
  return [
    '',
    note(
      'Columns by their types, constraints, indexes and triggers of the tables that the run wrote to, or froze. Defaults, policies, comments and other tables are left to drover rollback, which compares whole catalogs.',
    ),
    '  for different in',
    `    with expected (on_table, relation, kind, name, definition) as (values
      ${valueRows(rows)}
    ), present as (
      ${definitionsNow}
    )
    select coalesce(e.on_table, p.on_table) as on_table, coalesce(e.kind, p.kind) as kind, coalesce(e.name, p.name) as name,
      case when e.name is null then 'is new' when p.name is null then 'is missing' else 'is defined otherwise' end as state
    from expected as e
    full join present as p on p.on_table = e.on_table and p.kind = e.kind and p.name = e.name
    where e.definition is distinct from p.definition
    order by 1, 2, 3`,
    '  loop',
    find(
      'catalog',
      'null',
      `'warn'`,
      `format('%s: %s %s %s.', different.on_table, different.kind, different.name, different.state)`,
    ),
    '  end loop;',
    '  if not found then',
    find(
      'catalog',
      'null',
      `'pass'`,
      literal('Columns by their types, constraints, indexes and triggers are defined as they were.'),
    ),
    '  end if;',
  ]
}

function relationOf({ catalog }: ScriptWay['plan'], name: string): string {
  const { schema, name: own } = findTable(catalog, name)!
  return [schema, own].map((part) => `"${part.replaceAll('"', '""')}"`).join('.')
}

/** Rows of other tables that triggers wrote in transactions of the run stay, and are named. */
function findTriggered({ steps }: ScriptWay): readonly string[] {
  const targets = valueRows([...new Set(steps.map(({ target }) => target))].map(({ schema, name }) => [schema, name]))
  const condition = compile(isOfRun.toOperationNode())
  return [
    '',
    note('Rows of other tables that triggers wrote in transactions of the run: they stay.'),
    '  for different in',
    '    select n.nspname as schema, c.relname as name',
    '    from pg_class as c',
    '    join pg_namespace as n on n.oid = c.relnamespace',
    `    where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_'`,
    `      and n.nspname not in ('information_schema', 'drover')`,
    `      and (n.nspname, c.relname) not in (values\n      ${targets}\n      )`,
    '    order by 1, 2',
    '  loop',
    `    execute format(${dollarQuoted(`select count(*) from %I.%I as t where ${condition.replaceAll('%', '%%')}`, 'sql')}, different.schema, different.name) into n using this_run;`,
    '    if n > 0 then',
    find(
      'triggered rows',
      `format('%s.%s', different.schema, different.name)`,
      `'warn'`,
      `format('%s rows of %I.%I were written by triggers in transactions of the run, and stay.', n, different.schema, different.name)`,
    ),
    '    end if;',
    '  end loop;',
  ]
}

function restoreSequences({ steps }: ScriptWay): readonly string[] {
  const sequences = new Map(steps.flatMap(({ mapping }) => mapping.sequences).map((each) => [each.name, each]))
  if (sequences.size === 0) return []
  return [
    '',
    note(
      'A sequence is set back where it stands as the run left it, and no row that stays holds a number it would give.',
    ),
    ...[...sequences.values()].flatMap(({ name, restore }) => [
      execute(restore, { into: 'is_back' }),
      '  if not is_back then',
      find(
        'sequence',
        literal(name),
        `'warn'`,
        literal(
          `Sequence ${name} stays where it is: others have drawn from it, or rows that stay hold some of its numbers.`,
        ),
      ),
      '  end if;',
    ]),
  ]
}
