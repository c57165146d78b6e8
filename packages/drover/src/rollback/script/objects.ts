import { alteredStatements } from '../../ledger/altered-object.ts'
import { digestAfterStatement } from '../../ledger/freeze.ts'
import { rollbackChunkStatements } from '../../ledger/rollback-chunk.ts'
import { transactionStatement } from '../../ledger/transaction.ts'
import { freezeTrigger } from '../../plan/plan.ts'
import { asReplica } from './discard.ts'
import { unlessRollingBack } from './fit.ts'
import { block, dollarQuoted, execute, literal, note, raise } from './plpgsql.ts'
import type { ScriptWay } from './way.ts'

/** Makes objects as they were, when all rows are taken back. */
export function objectsBlock({ runId, plan }: ScriptWay): string {
  const frozen = plan.freeze.mode === 'block' ? plan.freeze.tables : []
  return block(
    runId,
    ['altered record', 'n bigint'],
    [
      unlessRollingBack,
      execute(rollbackChunkStatements.countOpen, { into: 'n' }),
      '  if n > 0 then',
      raise({
        errcode: 'DV003',
        message: `format('%s chunks are not taken back yet.', n)`,
        hint: literal('Run this script again: it goes on from there.'),
      }),
      '  end if;',
      asReplica,
      execute(transactionStatement),
      `  for altered in execute ${dollarQuoted(alteredStatements.read, 'sql')} using this_run loop`,
      '    execute altered.restore;',
      execute(alteredStatements.markRestored, { using: ['altered.id'] }),
      '  end loop;',
      ...(frozen.length === 0 ? [] : releaseSource(frozen)),
    ],
  )
}

/** A run that let its source go leaves it alone: a newer one may block the same tables. */
function releaseSource(tables: ScriptWay['plan']['freeze']['tables']): readonly string[] {
  return [
    '',
    note('The application may write to the source again.'),
    '  if exists (select from drover.frozen_table as f where f.run_id = this_run and f.released_at is null) then',
    ...tables.flatMap(({ schema, name, release }) => [
      ...(release === null ? [] : [`  execute ${dollarQuoted(release, 'sql')};`]),
      execute(alteredStatements.noteRestored, {
        using: ['this_run', literal(schema), literal(name), literal(freezeTrigger)],
      }),
      execute(digestAfterStatement, { using: ['this_run', literal(schema), literal(name), 'null::text'] }),
    ]),
    '  end if;',
  ]
}
