import { Argument, type Command } from 'commander'
import type { Completable } from '../completion/completable.ts'
import type { Io } from '../io.ts'
import { writeResult } from '../result.ts'

type Shell = 'bash' | 'zsh' | 'fish'

const renderers: Readonly<Record<Shell, () => Promise<(program: Completable) => string>>> = {
  bash: async () => (await import('../completion/bash.ts')).renderBash,
  zsh: async () => (await import('../completion/zsh.ts')).renderZsh,
  fish: async () => (await import('../completion/fish.ts')).renderFish,
}

/** `drover completion`: a script for a shell. */
export function defineCompletion(command: Command, io: Io): void {
  command
    .description(
      'Prints a script that completes commands, flags, their choices and files. It holds all of it: no key press waits for drover to start. After another version is installed, take it anew.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(renderers)))
    .addHelpText(
      'after',
      `
Examples:
  $ drover completion bash > ~/.local/share/bash-completion/completions/drover
  $ drover completion zsh > ~/.zfunc/_drover   # with fpath+=~/.zfunc before compinit in ~/.zshrc
  $ drover completion fish > ~/.config/fish/completions/drover.fish`,
    )
    .action(async (shell: Shell) => {
      const { completableOf } = await import('../completion/completable.ts')
      // A program of its own: this one has begun to define its commands as they are called.
      const { buildProgram } = await import('../program.ts')
      const render = await renderers[shell]()
      await writeResult(io, render(await completableOf(buildProgram(io))), undefined)
    })
}
