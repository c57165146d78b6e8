import type { Command, Option } from 'commander'
import { LazyCommand } from '../add-commands.ts'

/** What can be completed after a flag that takes a value, or in place of an argument. */
export type Value =
  | { readonly kind: 'file' | 'text' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }

/** A flag as a shell completes it. */
export interface CompletableFlag {
  /** `-h`, `--help`: one of the two, or both. */
  readonly names: readonly string[]
  readonly summary: string
  /** Undefined of a flag that stands alone. */
  readonly value: Value | undefined
}

/** A command as shells see it. */
export interface Completable {
  /** The words that call it: `drover`, `quarantine`, `list`. */
  readonly path: readonly string[]
  readonly summary: string
  readonly flags: readonly CompletableFlag[]
  readonly arguments: readonly Value[]
  readonly commands: readonly Completable[]
}

/** All that can be completed of a program whose commands are defined when they are called: it defines each of them. */
export async function completableOf(command: Command, above: readonly string[] = []): Promise<Completable> {
  if (command instanceof LazyCommand) await command.define()
  const path = [...above, command.name()]
  const commands: Completable[] = []
  for (const each of command.commands) commands.push(await completableOf(each, path))
  return {
    path,
    summary: command.summary(),
    flags: command.createHelp().visibleOptions(command).map(flagOf),
    arguments: command.registeredArguments.map((argument) => valueOfName(argument.name(), argument.argChoices)),
    commands,
  }
}

/** A command and all below it. */
export function withDescendants(command: Completable): readonly Completable[] {
  return [command, ...command.commands.flatMap(withDescendants)]
}

function flagOf({ short, long, flags, description, argChoices, required, optional }: Option): CompletableFlag {
  const [, name = ''] = /[<[]([^>\].]+)/.exec(flags) ?? []
  return {
    names: [short, long].filter((each) => each !== undefined),
    summary: firstClause(description),
    value: required || optional ? valueOfName(name, argChoices) : undefined,
  }
}

/** A value is a file where its name says so: every migration is one. */
function valueOfName(name: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { kind: 'choice', choices }
  return { kind: ['file', 'directory', 'migration'].includes(name) ? 'file' : 'text' }
}

/** What a shell has room for. */
function firstClause(text: string): string {
  return text.split(/ \(|[;:.,] /)[0]!
}
