import type { Command } from 'commander'
import type { Io } from './io.ts'

/** Gives a command its description, arguments, flags and action. */
export type DefineCommand = (command: Command, io: Io) => void

/** A command as the list of commands knows it. */
export interface CommandEntry {
  readonly name: string
  /** The line in the list of commands. */
  readonly summary: string
  /** Loads the command when it is called: help and typing errors do not wait for the whole program. */
  readonly load: () => Promise<DefineCommand>
}

/** The commands, in the order in which a migration meets them. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'init',
    summary: 'draft a migration from two schemas, with its types and settings',
    load: async () => (await import('./command/init.ts')).defineInit,
  },
  {
    name: 'types',
    summary: 'write the TypeScript types of database schemas',
    load: async () => (await import('./command/types.ts')).defineTypes,
  },
  {
    name: 'land',
    summary: 'carry tables of another server, or files, into the target database',
    load: async () => (await import('./command/land.ts')).defineLand,
  },
  {
    name: 'plan',
    summary: 'show what a run would do, without doing it',
    load: async () => (await import('./command/plan.ts')).definePlan,
  },
  {
    name: 'check',
    summary: 'tell what a run would do with every row, without doing it',
    load: async () => (await import('./command/check.ts')).defineCheck,
  },
  {
    name: 'duplicates',
    summary: 'look for source rows that may be one and the same thing',
    load: async () => (await import('./command/duplicates.ts')).defineDuplicates,
  },
  {
    name: 'rehearse',
    summary: 'do everything with a sample in a scratch database, the way back included',
    load: async () => (await import('./command/rehearse.ts')).defineRehearse,
  },
  {
    name: 'run',
    summary: 'carry out a migration, or resume it',
    load: async () => (await import('./command/run.ts')).defineRun,
  },
  {
    name: 'worker',
    summary: 'help with a run, from this or another machine',
    load: async () => (await import('./command/worker.ts')).defineWorker,
  },
  {
    name: 'status',
    summary: 'show runs, how far they are, and what they wait for',
    load: async () => (await import('./command/status.ts')).defineStatus,
  },
  {
    name: 'pause',
    summary: 'stop a run after the chunks under way',
    load: async () => (await import('./command/pause.ts')).definePause,
  },
  {
    name: 'resume',
    summary: 'take up a run that has stopped',
    load: async () => (await import('./command/resume.ts')).defineResume,
  },
  {
    name: 'cancel',
    summary: 'end a run for good',
    load: async () => (await import('./command/cancel.ts')).defineCancel,
  },
  {
    name: 'verify',
    summary: 'check a loaded run on all rows',
    load: async () => (await import('./command/verify.ts')).defineVerify,
  },
  {
    name: 'quarantine',
    summary: 'look at rows that were set aside, mend them, accept them',
    load: async () => (await import('./command/quarantine.ts')).defineQuarantine,
  },
  {
    name: 'merges',
    summary: 'look at rows that were merged',
    load: async () => (await import('./command/merges.ts')).defineMerges,
  },
  {
    name: 'unmerge',
    summary: 'take one merge back',
    load: async () => (await import('./command/unmerge.ts')).defineUnmerge,
  },
  {
    name: 'rollback',
    summary: 'take back what a run has done',
    load: async () => (await import('./command/rollback.ts')).defineRollback,
  },
  {
    name: 'reversal-script',
    summary: 'write a rollback as SQL that runs without drover',
    load: async () => (await import('./command/reversal-script.ts')).defineReversalScript,
  },
  {
    name: 'finalize',
    summary: 'give the way back of a run up',
    load: async () => (await import('./command/finalize.ts')).defineFinalize,
  },
  {
    name: 'purge',
    summary: 'take keys and originals of ended runs out of the ledger',
    load: async () => (await import('./command/purge.ts')).definePurge,
  },
  {
    name: 'uninstall',
    summary: 'drop all that drover has made in a database',
    load: async () => (await import('./command/uninstall.ts')).defineUninstall,
  },
  {
    name: 'report',
    summary: 'write the report of a run',
    load: async () => (await import('./command/report.ts')).defineReport,
  },
  {
    name: 'serve',
    summary: 'serve a page that shows runs as they go on',
    load: async () => (await import('./command/serve.ts')).defineServe,
  },
  {
    name: 'explain',
    summary: 'tell what a code of an error, a hazard or a row stands for',
    load: async () => (await import('./command/explain.ts')).defineExplain,
  },
  {
    name: 'config',
    summary: 'show which settings hold, and where each of them stands',
    load: async () => (await import('./command/config.ts')).defineConfig,
  },
  {
    name: 'completion',
    summary: 'print a script that completes commands and flags in a shell',
    load: async () => (await import('./command/completion.ts')).defineCompletion,
  },
  {
    name: 'version',
    summary: 'print the versions that a bug report needs',
    load: async () => (await import('./command/version.ts')).defineVersion,
  },
]
