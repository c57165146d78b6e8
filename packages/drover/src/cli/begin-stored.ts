import { findRun, type Run } from '../ledger/run.ts'
import { shellWord } from '../report/shell-word.ts'
import { requirePrivileges } from '../run/privileges.ts'
import { help, type RunOptions, resume } from '../run/run.ts'
import { requireSameVersion } from '../run/version.ts'
import type { Work, WorkFlags } from './carry-out.ts'
import { functionsOfRun } from './functions-of-file.ts'
import { requireMigrationFile } from './load-migration.ts'
import { findNamedRun } from './named-run.ts'

/** The flags of commands that work by a stored plan. */
export interface StoredFlags extends WorkFlags {
  readonly run?: string
}

/** The work of `drover resume`: a run that has stopped, by the plan that is stored with it. */
export function resumeWork(file: string | undefined, flags: StoredFlags, options: RunOptions): Promise<Work> {
  return storedWork('resume', file, flags, (db, runId, further) => resume(db, runId, { ...options, ...further }))
}

/** The work of `drover worker`: a run that others have started. */
export function helpWork(file: string | undefined, flags: StoredFlags): Promise<Work> {
  return storedWork('worker', file, flags, help, requireSameVersion)
}

async function storedWork(
  command: 'resume' | 'worker',
  file: string | undefined,
  flags: StoredFlags,
  begin: typeof help,
  requireRun: (run: Run) => void = () => {},
): Promise<Work> {
  if (file !== undefined) await requireMigrationFile(file)
  return {
    async prepare(db) {
      const id = await findNamedRun(db, flags)
      const run = await db.transaction((tx) => findRun(tx, id), { readOnly: true })
      requireRun(run)
      const functions = await functionsOfRun(run, file)
      await requirePrivileges(db, run.plan)
      return (options) => begin(db, id, { ...options, functions })
    },
    again: (runId) =>
      [
        'drover',
        command,
        ...(file === undefined ? [] : [shellWord(file)]),
        ...['--run', runId],
        ...(flags.config === undefined ? [] : ['--config', shellWord(flags.config)]),
        // The connection string may hold a password.
        ...(flags.databaseUrl === undefined ? [] : ['--database-url', '…']),
      ].join(' '),
  }
}
