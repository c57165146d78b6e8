import type { Command } from 'commander'
import { addCommands } from '../add-commands.ts'
import type { CommandEntry } from '../commands.ts'
import type { Io } from '../io.ts'

const entries: readonly CommandEntry[] = [
  {
    name: 'list',
    summary: 'show how many rows were merged',
    load: async () => (await import('./merges/list.ts')).defineList,
  },
  {
    name: 'show',
    summary: 'show what was merged with a row, and how the rows differ',
    load: async () => (await import('./merges/show.ts')).defineShow,
  },
]

/** `drover merges`: rows that another one stands for. */
export function defineMerges(command: Command, io: Io): void {
  command
    .description('Rows of which one stands for the others, because the migration gives them one identity.')
    .helpCommand(false)
    .addHelpText(
      'after',
      `
Examples:
  $ drover merges list
  $ drover merges show c2

drover merges <command> --help explains a command.`,
    )
  addCommands(command, entries, io)
}
