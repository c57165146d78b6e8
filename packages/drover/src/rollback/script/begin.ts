import { alteredStatements } from '../../ledger/altered-object.ts'
import { rollbackStatements } from '../../ledger/rollback.ts'
import { rollbackChunkStatements } from '../../ledger/rollback-chunk.ts'
import { transactionStatement } from '../../ledger/transaction.ts'
import { freezeTrigger, ledgerTables } from '../../plan/plan.ts'
import { removesRows } from '../conflicts/written.ts'
import { goesAtOnce, unlinkStatement } from '../unlink.ts'
import { changeState, recordEvent, unlessOpen } from './fit.ts'
import { block, execute, literal, note, raise, valueRows } from './plpgsql.ts'
import type { ScriptWay } from './way.ts'

const isUndecided = 'exists (select from drover.conflict as c where c.run_id = this_run and c.decision is null)'

/** What the script knows of a mapping: names, and how its rows go. */
type Facts = readonly (readonly (string | boolean)[])[]

/** Begins the rollback, or goes on with one, where everything is decided. */
export function beginBlock(way: ScriptWay, blocksPerChunk: number): string {
  const { runId, steps } = way
  const declarations = [
    'decisions jsonb',
    'mode text',
    'was text',
    'missing text',
    'firing record',
    'begun record',
    'blocks bigint',
  ]
  const facts = steps.map((step) => [
    step.mapping.name,
    step.target.schema,
    step.target.name,
    ledgerTables.crosswalk(step.mapping.name).name,
    ledgerTables.images(step.mapping.name).name,
    removesRows(step),
    removesRows(step) && unlinkStatement(way, step) !== null,
    removesRows(step) && goesAtOnce(way, step),
  ])
  return block(runId, declarations, [
    unlessOpen,
    ...takeDecisions(),
    '',
    ...requirePrivileges(facts),
    '',
    ...silenceTriggers(facts),
    execute(rollbackStatements.create, { using: ['this_run', 'decisions', 'mode'] }),
    '',
    ...markSequences(way),
    '',
    ...cutRanges(facts, blocksPerChunk),
    changeState('rolling_back', 'a rollback is asked for'),
    recordEvent(
      'rollback began',
      `json_build_object('onConflict', decisions, 'triggers', mode, 'by', 'a reversal script')`,
    ),
  ])
}

/** Reads what was decided; a rollback that was begun before takes that over and goes on. */
function takeDecisions(): readonly string[] {
  return [
    note('Undecided: the list alone stays, and the next part tells.'),
    `  if ${isUndecided} then`,
    '    return;',
    '  end if;',
    execute(transactionStatement),
    `  decisions := coalesce(nullif(current_setting('drover.on_conflict', true), ''), '{}')::jsonb;`,
    '  if exists (select from drover.rollback as r where r.run_id = this_run) then',
    execute(rollbackStatements.changeDecisions, { using: ['this_run', 'decisions'] }),
    '    return;',
    '  end if;',
  ]
}

function requirePrivileges(facts: Facts): readonly string[] {
  return [
    note('The role must be able to delete and update what the run may only have inserted.'),
    `  select string_agg(distinct format('grant %s on %I.%I to %I', needed.privilege, n.nspname, c.relname, current_user), '; ') into missing`,
    ...fromBegun(facts),
    `  cross join lateral (values ('delete', fact.removes), ('update', to_regclass(format('drover.%I', fact.images)) is not null)) as needed (privilege, is_needed)`,
    '  where needed.is_needed and not has_table_privilege(c.oid, needed.privilege);',
    '  if missing is not null then',
    raise({ errcode: 'DV001', message: literal('The role may not take the run back.'), hint: 'missing' }),
    '  end if;',
  ]
}

/** Sets `mode` to how triggers are kept from firing, and switches off those that would. */
function silenceTriggers(facts: Facts): readonly string[] {
  return [
    note(
      'Triggers must not fire. In the part of a replica they do not: whether the role may take it is seen by trying.',
    ),
    `  was := current_setting('session_replication_role');`,
    '  begin',
    `    perform set_config('session_replication_role', 'replica', true);`,
    `    perform set_config('session_replication_role', was, true);`,
    `    mode := 'replica role';`,
    '  exception when others then',
    `    mode := 'disabled';`,
    '  end;',
    '',
    note('Those that fire all the same are switched off by name, each noted with what switches it on again.'),
    '  for firing in',
    `    select distinct n.nspname as schema, c.relname as relation, t.tgname as name, pg_has_role(c.relowner, 'usage') as is_owned,`,
    `      format('alter table %I.%I %s trigger %I', n.nspname, c.relname,`,
    `        case t.tgenabled when 'R' then 'enable replica' when 'A' then 'enable always' else 'enable' end, t.tgname) as restore`,
    ...fromBegun(facts),
    '    join pg_trigger as t on t.tgrelid = c.oid',
    '    join pg_proc as p on p.oid = t.tgfoid',
    '    join pg_namespace as f on f.oid = p.pronamespace',
    `    where not t.tgisinternal and t.tgparentid = 0 and f.nspname <> 'drover' and t.tgname <> ${literal(freezeTrigger)}`,
    `      and t.tgenabled in ('A', case mode when 'replica role' then 'R' else 'O' end)`,
    '    order by 1, 2, 3',
    '  loop',
    '    if firing.is_owned then',
    execute(alteredStatements.record, {
      using: [
        'this_run',
        `'trigger'`,
        'firing.schema',
        'firing.relation',
        'firing.name',
        `'disabled'`,
        'firing.restore',
      ],
    }),
    `      execute format('alter table %I.%I disable trigger %I', firing.schema, firing.relation, firing.name);`,
    `    elsif coalesce(current_setting('drover.allow_triggers', true), '') <> 'on' then`,
    raise(
      {
        errcode: 'DV005',
        message: `format('The trigger %I on %I.%I would fire while rows are taken back.', firing.name, firing.schema, firing.relation)`,
        hint: literal(
          'Connect as the owner, or see what it does and set drover.allow_triggers to on, at the top of this script. Nothing was changed.',
        ),
      },
      '      ',
    ),
    `    elsif mode = 'disabled' then`,
    `      mode := 'fire';`,
    '    end if;',
    '  end loop;',
  ]
}

function markSequences({ steps }: ScriptWay): readonly string[] {
  return [
    note('A mapping that was not closed has not kept where it left its sequences.'),
    ...steps
      .filter(({ mapping }) => mapping.sequences.length > 0)
      .flatMap(({ mapping }) => [
        `  if exists (\n    select from drover.step as s\n    where s.run_id = this_run and s.mapping = ${literal(mapping.name)} and s.state not in ('waiting', 'done')\n  ) then`,
        ...mapping.sequences.map(({ mark }) => execute(mark)),
        '  end if;',
      ]),
  ]
}

function cutRanges(facts: Facts, blocksPerChunk: number): readonly string[] {
  return [
    note(
      `Ranges of ${blocksPerChunk} blocks of the ledger's tables. Where foreign keys are enforced, references that close a circle are emptied first; rows go at once where they cannot be.`,
    ),
    '  for begun in',
    '    select fact.*, s.position',
    ...fromBegun(facts),
    '    order by s.position desc',
    '  loop',
    `    blocks := pg_relation_size(to_regclass(format('drover.%I', begun.images))) / current_setting('block_size')::int;`,
    '    if blocks is not null then',
    cut(`'restore'`, String(blocksPerChunk)),
    '    end if;',
    `    blocks := pg_relation_size(to_regclass(format('drover.%I', begun.crosswalk))) / current_setting('block_size')::int;`,
    '    if blocks is not null and begun.removes then',
    `      if begun.unlinks and mode <> 'replica role' then`,
    cut(`'unlink'`, String(blocksPerChunk)),
    '      end if;',
    cut(
      `'remove'`,
      `case when begun.is_whole and mode <> 'replica role' then greatest(1, blocks) else ${blocksPerChunk} end`,
    ),
    '    end if;',
    '  end loop;',
  ]
}

function cut(kind: string, blocksPerChunk: string): string {
  return execute(rollbackChunkStatements.cut, {
    using: ['this_run', 'begun.mapping', kind, 'blocks', blocksPerChunk],
  })
}

/** The mappings that the run has begun, with what the script knows of them, and their targets. */
function fromBegun(facts: Facts): readonly string[] {
  return [
    `    from (values\n      ${valueRows(facts)}`,
    '    ) as fact (mapping, table_schema, table_name, crosswalk, images, removes, unlinks, is_whole)',
    `    join drover.step as s on s.run_id = this_run and s.mapping = fact.mapping and s.state <> 'waiting'`,
    `    join pg_class as c on c.oid = to_regclass(format('%I.%I', fact.table_schema, fact.table_name))`,
    '    join pg_namespace as n on n.oid = c.relnamespace',
  ]
}
