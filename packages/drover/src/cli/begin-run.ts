import { qualifiedName } from '../catalog/catalog.ts'
import { requireLanded } from '../landing/require-landed.ts'
import type { Plan } from '../plan/plan.ts'
import { shellWord } from '../report/shell-word.ts'
import type { RowFunctions } from '../run/compute.ts'
import { requirePrivileges } from '../run/privileges.ts'
import { run } from '../run/run.ts'
import type { Work } from './carry-out.ts'
import type { RunFlags } from './command/run.ts'
import { functionsOfFile } from './functions-of-file.ts'
import type { Io } from './io.ts'
import { landForRun } from './land-for-run.ts'
import { requireMigrationFile } from './load-migration.ts'
import { makeRunnablePlan } from './make-plan.ts'
import { readPlanFile } from './plan-file.ts'
import { settleQuarantine } from './work-settings.ts'

/**
 * The work of `drover run`: the plan of a migration file, or one that was written before, with the functions of the file
 * where it is given too. Files are looked at before there is a connection.
 */
export async function runWork(file: string | undefined, flags: RunFlags, io: Io): Promise<Work> {
  const stored = flags.plan === undefined ? undefined : await readStored(flags.plan, file)
  if (stored === undefined) await requireMigrationFile(file!)
  return {
    async prepare(db, config, signal) {
      // A plan that was written before was made of what has landed.
      if (stored === undefined) await landForRun(file!, flags, io, signal)
      const { plan, functions } = stored ?? (await makeRunnablePlan(db, file!))
      await requireLanded(db, plan.catalog.tables.map(qualifiedName))
      await requirePrivileges(db, plan)
      const { chunkRows, allow = [] } = flags
      const maxQuarantined = settleQuarantine(flags.maxQuarantined, config)
      return (options) =>
        run(db, plan, {
          ...options,
          ...(chunkRows === undefined ? {} : { rowsPerChunk: chunkRows }),
          ...(maxQuarantined === undefined ? {} : { maxQuarantined }),
          allowed: allow,
          functions,
        })
    },
    again: () => againWords(file, flags),
  }
}

async function readStored(planFile: string, file: string | undefined): Promise<Runnable> {
  const plan = await readPlanFile(planFile)
  if (file === undefined) return { plan, functions: new Map() }
  const functions = await functionsOfFile(file, {
    plan,
    mismatch: 'The plan was not made of this migration file.',
    owner: 'the plan file',
    remedy: `Give the file as it was when ${planFile} was written, or write the plan again.`,
  })
  return { plan, functions }
}

interface Runnable {
  readonly plan: Plan
  readonly functions: RowFunctions
}

/** The words that take the run up again. The connection string is left out: it may hold a password. */
function againWords(file: string | undefined, flags: RunFlags): string {
  const source = [...(file === undefined ? [] : [file]), ...(flags.plan === undefined ? [] : ['--plan', flags.plan])]
  const allow = (flags.allow ?? []).flatMap((hazard) => ['--allow', hazard])
  const database = flags.databaseUrl === undefined ? [] : ['--database-url', '…']
  const config = flags.config === undefined ? [] : ['--config', flags.config]
  const otherServer = flags.sourceUrl === undefined ? [] : ['--source-url', '…']
  const renamed = [...(flags.as ?? [])].flatMap(([there, here]) => ['--as', `${there}=${here}`])
  const words = [...source, ...allow, ...config, ...renamed].map(shellWord)
  return ['drover', 'run', ...words, ...database, ...otherServer].join(' ')
}
