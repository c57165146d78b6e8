import type { Command } from 'commander'
import { addCommands } from '../add-commands.ts'
import type { CommandEntry } from '../commands.ts'
import type { Io } from '../io.ts'

const entries: readonly CommandEntry[] = [
  {
    name: 'list',
    summary: 'show which rows were set aside, and why',
    load: async () => (await import('./quarantine/list.ts')).defineList,
  },
  {
    name: 'show',
    summary: 'show all that is known of a row',
    load: async () => (await import('./quarantine/show.ts')).defineShow,
  },
  {
    name: 'export',
    summary: 'write rows as CSV',
    load: async () => (await import('./quarantine/export.ts')).defineExport,
  },
  {
    name: 'fix',
    summary: 'put values in place of those of the source',
    load: async () => (await import('./quarantine/fix.ts')).defineFix,
  },
  {
    name: 'accept',
    summary: 'decide that rows stay out',
    load: async () => (await import('./quarantine/accept.ts')).defineAccept,
  },
  {
    name: 'retry',
    summary: 'try rows again, with their fixes',
    load: async () => (await import('./quarantine/retry.ts')).defineRetry,
  },
]

/** `drover quarantine`: rows that a run set aside. */
export function defineQuarantine(command: Command, io: Io): void {
  command
    .description(
      'Rows that a run set aside, each with its reasons and its original: looks at them, puts values in place of those of the source, tries them again, or accepts that they stay out.',
    )
    .helpCommand(false)
    .addHelpText(
      'after',
      `
Examples:
  $ drover quarantine list
  $ drover quarantine show v1042

drover quarantine <command> --help explains a command.`,
    )
  addCommands(command, entries, io)
}
