import type { Command } from 'commander'
import { addCommands } from '../add-commands.ts'
import type { CommandEntry } from '../commands.ts'
import type { Io } from '../io.ts'

const entries: readonly CommandEntry[] = [
  {
    name: 'suggest',
    summary: 'look for rows that may be the same but for how they are written',
    load: async () => (await import('./duplicates/suggest.ts')).defineSuggest,
  },
]

/** `drover duplicates`: rows that may be one and the same thing. */
export function defineDuplicates(command: Command, io: Io): void {
  command
    .description('Source rows that may be one and the same thing. What they are, the migration says: identity, sameAs.')
    .helpCommand(false)
    .addHelpText(
      'after',
      `
Examples:
  $ drover duplicates suggest migration.ts --mapping customers
  $ drover duplicates suggest migration.ts --mapping customers --out-pairs pairs.json

drover duplicates <command> --help explains a command.`,
    )
  addCommands(command, entries, io)
}
