import { type MigrationDefinition, rowFunctionsOf } from '../define/migration.ts'
import { DroverError } from '../error.ts'
import { findRun, type Run } from '../ledger/run.ts'
import { buildPlan } from '../plan/build.ts'
import type { RowFunctions } from '../run/compute.ts'
import { requirePrivileges } from '../run/privileges.ts'
import { help, type RunOptions, resume } from '../run/run.ts'
import type { Work, WorkFlags } from './carry-out.ts'
import { loadMigration } from './load-migration.ts'
import { findNamedRun } from './named-run.ts'

export interface StoredFlags extends WorkFlags {
  readonly run?: string
}

/** The work of `drover resume`: a run that has stopped, by the plan that is stored with it. */
export function resumeWork(file: string | undefined, flags: StoredFlags, options: RunOptions): Work {
  return storedWork('resume', file, flags, (db, runId, further) => resume(db, runId, { ...options, ...further }))
}

/** The work of `drover worker`: a run that others have started. */
export function helpWork(file: string | undefined, flags: StoredFlags): Work {
  return storedWork('worker', file, flags, help)
}

function storedWork(
  command: 'resume' | 'worker',
  file: string | undefined,
  flags: StoredFlags,
  begin: typeof help,
): Work {
  return {
    async prepare(db) {
      const id = await findNamedRun(db, flags)
      const run = await db.transaction((tx) => findRun(tx, id), { readOnly: true })
      const functions = file === undefined ? new Map() : await functionsFor(run, file)
      await requirePrivileges(db, run.plan)
      return (options) => begin(db, id, { ...options, functions })
    },
    again: (runId) =>
      [
        'drover',
        command,
        ...(file === undefined ? [] : [file]),
        ...['--run', runId],
        ...(flags.config === undefined ? [] : ['--config', flags.config]),
      ].join(' '),
  }
}

/**
 * The row functions of a migration file, if it is the one that the run follows: its plan against the catalog of the run's
 * plan is that plan.
 *
 * @throws DroverError `plan-mismatch` where it is another one.
 */
async function functionsFor(run: Run, file: string): Promise<RowFunctions> {
  const definition = await loadMigration(file)
  const why = differenceOf(definition, run)
  if (why === undefined) return rowFunctionsOf(definition)
  throw new DroverError('plan-mismatch', `The migration file is not the one that run ${run.id} follows.`, {
    where: file,
    why,
    remedy: 'Give the file as it was when the run was started.',
  })
}

function differenceOf(definition: MigrationDefinition, { migration, plan, planHash }: Run): string | undefined {
  if (definition.name !== migration) return `the run's migration is ${migration}, that of the file ${definition.name}`
  const { hash } = buildPlan(definition, plan.catalog)
  if (hash === planHash) return undefined
  return `the run's plan is ${planHash.slice(0, 12)}, that of the file ${hash.slice(0, 12)}`
}
