import { scriptCodes } from '../../codes/script-codes.ts'
import { comment } from './plpgsql.ts'
import type { ScriptMode } from './script.ts'
import type { ScriptWay } from './way.ts'

/** What the script is, what it needs, and how it is run. */
export function header({ runId, plan }: ScriptWay, mode: ScriptMode): string {
  const isWhole = mode === 'one transaction'
  const rule = `-- ${'='.repeat(97)}`
  return [
    rule,
    comment(`Takes run ${runId} of the migration "${plan.migration}" back, without drover.`),
    '--',
    comment(`plan ${plan.hash}`),
    comment(`made by drover ${plan.drover}`),
    '--',
    `--   psql -X -v ON_ERROR_STOP=1 -f back.sql "$DATABASE_URL"`,
    '--',
    comment(
      'Or any client that sends one statement after the other over one connection of its own, not through a transaction pooler. -X: savepoints that a .psqlrc asks for (ON_ERROR_ROLLBACK) would make rows look like those of others. Not with --single-transaction.',
    ),
    '--',
    comment(
      isWhole
        ? 'All of it happens in one transaction, or nothing. A run that is under way must be stopped before.'
        : 'It can be stopped at any time and run again: it goes on from where it was. drover rollback can finish what it began, and the reverse.',
    ),
    comment(
      'Needed: a role that may delete and update rows of the targets, write to the schema drover and make tables in it; and one that may set session_replication_role, or owns the targets. Stop the application meanwhile.',
    ),
    '--',
    comment('Errors of its own, by SQLSTATE:'),
    ...Object.entries(scriptCodes).map(([code, { meaning }]) => `--   ${code} ${meaning}`),
    rule,
  ].join('\n')
}
