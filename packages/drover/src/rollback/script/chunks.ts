import { rollbackChunkStatements } from '../../ledger/rollback-chunk.ts'
import { transactionStatement } from '../../ledger/transaction.ts'
import { beyond } from '../chunk.ts'
import { removesRows } from '../conflicts/written.ts'
import { removalOf } from '../remove.ts'
import { restorationOf } from '../restore.ts'
import { unlinkStatement } from '../unlink.ts'
import type { StepBack } from '../way.ts'
import { asReplica } from './discard.ts'
import { block, execute, literal, note, raise } from './plpgsql.ts'
import { pinning, scriptWorker } from './settings.ts'
import type { ScriptWay } from './way.ts'

/** What lies between two chunks. */
export type ChunkEnd = 'commit' | 'nothing'

/** Where a statement's account goes: what became of each row. */
const counts = 'rows_undone, rows_kept, rows_gone, rows_missed'

const range = ['this_run', 'range_from', 'range_to']

/** Takes all chunks back, one after the other. */
export function chunksBlock(way: ScriptWay, end: ChunkEnd): string {
  const declarations = [
    'mode text',
    'chunk record',
    'rows_undone bigint',
    'rows_kept bigint',
    'rows_gone bigint',
    'rows_missed bigint',
    'range_from text',
    'range_to text',
    'n bigint',
  ]
  return block(way.runId, declarations, [
    '  loop',
    ...(end === 'commit' ? [pinning(way.runId, '  ')] : []),
    '  perform from drover.run where run.id = this_run for key share;',
    note('Read after the lock: what it waited for may have changed the state.'),
    `  exit when (select run.state from drover.run where run.id = this_run) <> 'rolling_back';`,
    asReplica,
    `  select r.triggers into mode from drover.rollback as r where r.run_id = this_run;`,
    '',
    note('The newest step first; the lock is the claim, should anyone else take the run back at the same time.'),
    execute(rollbackChunkStatements.lock, { into: 'chunk' }),
    '  if chunk.mapping is null then',
    execute(rollbackChunkStatements.countOpen, { into: 'n' }),
    '    exit when n = 0;',
    ...(end === 'commit' ? ['    commit;', '    perform pg_sleep(0.04);'] : []),
    '    continue;',
    '  end if;',
    execute(transactionStatement),
    `  range_from := format('(%s,0)', chunk.lower);`,
    `  range_to := case when chunk.upper is null then ${literal(beyond)} else format('(%s,0)', chunk.upper) end;`,
    '',
    '  case chunk.mapping',
    ...way.steps.flatMap((step) => mappingCase(way, step)),
    '  end case;',
    '',
    note('What became of each row is counted: none may be left over.'),
    '  if rows_missed > 0 then',
    changedMeanwhile('rows_missed', 'changed'),
    '  end if;',
    execute(rollbackChunkStatements.mark, {
      using: [
        'this_run',
        'chunk.mapping',
        'chunk.number',
        literal(scriptWorker),
        'rows_undone',
        'rows_kept',
        'rows_gone',
      ],
    }),
    `  raise notice '% %: % rows', chunk.mapping, chunk.kind, rows_undone;`,
    ...(end === 'commit' ? ['  commit;'] : []),
    '  end loop;',
  ])
}

function mappingCase(way: ScriptWay, step: StepBack): readonly string[] {
  const { mapping, target } = step
  const { name } = mapping
  return [
    '',
    note(`---- ${name}: ${target.schema}.${target.name}`),
    `  when ${literal(name)} then`,
    ...unlinkCase(way, step),
    ...restoreCase(way, step),
    ...(removesRows(step) ? removeCase(way, step) : []),
  ]
}

function unlinkCase(way: ScriptWay, step: StepBack): readonly string[] {
  const statement = removesRows(step) ? unlinkStatement(way, step) : null
  if (statement === null) return []
  return [
    `  if chunk.kind = 'unlink' then`,
    note('References between rows that go are emptied, so that they can go one after the other.'),
    execute(statement, { into: counts, using: range }),
    '  end if;',
  ]
}

function restoreCase(way: ScriptWay, step: StepBack): readonly string[] {
  const { restore, stranded } = restorationOf(way, step)
  return [
    `  if chunk.kind = 'restore' then`,
    note('Rows that stood before the run are put back as they were.'),
    execute(restore, { into: counts, using: range }),
    ...(stranded.length === 0 ? [] : [`  if mode = 'replica role' then`]),
    ...stranded.flatMap(({ constraint, statement }) => [
      execute(statement, { into: 'n', using: range }),
      '  if n > 0 then',
      raise({
        errcode: 'DV004',
        message: `format('%s rows of mapping %s, as they were before the run, would refer to rows that are gone: %s.', n, chunk.mapping, ${literal(constraint)})`,
        hint: literal('Bring those rows back, or decide to keep the rows of the table; then run this script again.'),
      }),
      '  end if;',
    ]),
    ...(stranded.length === 0 ? [] : ['  end if;']),
    '  end if;',
  ]
}

function removeCase(way: ScriptWay, step: StepBack): readonly string[] {
  const { lock, referred, remove } = removalOf(way, step)
  return [
    `  if chunk.kind = 'remove' then`,
    ...(lock === null
      ? []
      : [note('Held against whoever would refer to them.'), execute(lock, { into: 'n', using: range })]),
    ...referred.flatMap((statement) => [
      execute(statement, { into: 'n', using: range }),
      '  if n > 0 then',
      changedMeanwhile('n', 'added that refer to those that go'),
      '  end if;',
    ]),
    note('Rows that the run loaded are deleted.'),
    execute(remove, { into: counts, using: range }),
    '  end if;',
  ]
}

function changedMeanwhile(rows: string, what: string): string {
  return raise({
    errcode: 'DV003',
    message: `format('%s rows of mapping %s were ${what} while they were taken back.', ${rows}, chunk.mapping)`,
    hint: literal(
      'Stop the application, then run this script again: it looks for such rows anew, and what is done stays so.',
    ),
  })
}
