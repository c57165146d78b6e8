import type { Command } from 'commander'
import type { CommandEntry } from './commands.ts'
import type { Io } from './io.ts'

/** Adds commands to the program, or to a group of commands. Each is loaded and defined when it is called. */
export function addCommands(parent: Command, commands: readonly CommandEntry[], io: Io): void {
  const entries = new Map<Command, CommandEntry>()
  for (const entry of commands) {
    const command = parent.command(entry.name).summary(entry.summary).helpOption('-h, --help', 'explain this command')
    command.showHelpAfterError(`Run ${wordsOf(command)} --help to see its flags.`)
    entries.set(command, entry)
  }
  parent.hook('preSubcommand', async (_, command) => {
    const define = await entries.get(command)!.load()
    define(command, io)
  })
}

/** `drover quarantine list` */
function wordsOf(command: Command): string {
  return command.parent === null ? command.name() : `${wordsOf(command.parent)} ${command.name()}`
}
