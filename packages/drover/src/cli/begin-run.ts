import { requirePrivileges } from '../run/privileges.ts'
import { run } from '../run/run.ts'
import type { Work } from './carry-out.ts'
import type { RunFlags } from './command/run.ts'
import { makeRunnablePlan } from './make-plan.ts'
import { readPlanFile } from './plan-file.ts'
import { settleQuarantine } from './work-settings.ts'

/** The work of `drover run`: the plan of a migration file, or one that was written before. */
export function runWork(file: string | undefined, flags: RunFlags): Work {
  return {
    async prepare(db, config) {
      const { plan, functions } =
        flags.plan === undefined
          ? await makeRunnablePlan(db, file!)
          : { plan: await readPlanFile(flags.plan), functions: new Map() }
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

/** The words that take the run up again. The connection string is left out: it may hold a password. */
function againWords(file: string | undefined, flags: RunFlags): string {
  const source = flags.plan === undefined ? [file] : ['--plan', flags.plan]
  const allow = (flags.allow ?? []).flatMap((hazard) => ['--allow', hazard])
  const database = flags.databaseUrl === undefined ? [] : ['--database-url', '…']
  const config = flags.config === undefined ? [] : ['--config', flags.config]
  return ['drover', 'run', ...source, ...allow, ...config, ...database].join(' ')
}
