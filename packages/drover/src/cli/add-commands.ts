import { Command } from 'commander'
import type { CommandEntry, DefineCommand } from './commands.ts'
import type { Io } from './io.ts'

/** A command that is loaded and defined when it is called. */
export class LazyCommand extends Command {
  readonly #load: () => Promise<DefineCommand>
  readonly #io: Io

  constructor({ name, load }: CommandEntry, io: Io) {
    super(name)
    this.#load = load
    this.#io = io
  }

  /** Gives it its description, arguments, flags and action. Called once. */
  async define(): Promise<void> {
    const define = await this.#load()
    define(this, this.#io)
  }
}

/** Adds commands to the program, or to a group of commands. Each is loaded and defined when it is called. */
export function addCommands(parent: Command, commands: readonly CommandEntry[], io: Io): void {
  for (const entry of commands) {
    const command = new LazyCommand(entry, io).copyInheritedSettings(parent)
    parent.addCommand(command)
    command.summary(entry.summary).helpOption('-h, --help', 'explain this command')
    command.showHelpAfterError(`Run ${wordsOf(command)} --help to see its flags.`)
  }
  parent.hook('preSubcommand', async (_, command) => {
    if (command instanceof LazyCommand) await command.define()
  })
}

/** `drover quarantine list` */
function wordsOf(command: Command): string {
  return command.parent === null ? command.name() : `${wordsOf(command.parent)} ${command.name()}`
}
