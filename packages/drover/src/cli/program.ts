import { Command } from 'commander'
import { droverVersion } from '../plan/version.ts'
import { addCommands } from './add-commands.ts'
import { commands } from './commands.ts'
import { exitCodesHelp } from './exit.ts'
import type { Io } from './io.ts'

const programHelp = `
Environment:
  DROVER_DATABASE_URL  the target database, where --database-url is not given
  DATABASE_URL         the same, where DROVER_DATABASE_URL is not set either; else databaseUrl in drover.config.ts
  DROVER_SOURCE_URL    the source, where it is another database: drover land and drover run land it
  DROVER_…             every other setting; drover config lists them and shows which hold
  DEBUG                any value: show stack traces, as --verbose does
  NO_COLOR             any value: no colours

${exitCodesHelp}

Examples:
  $ drover init --from legacy --to app
  $ drover plan migration.ts
  $ drover run migration.ts --allow merges-rows
  $ drover status

drover <command> --help explains a command.`

/** The command line. A command's own flags are defined when it is called. */
export function buildProgram(io: Io): Command {
  const program = new Command('drover')
    .description('Moves the data of a PostgreSQL application from an old schema to a new one.')
    .version(droverVersion, '-V', 'print the version of drover alone')
    .option('--version', 'print the versions that a bug report needs, as drover version')
    .helpOption('-h, --help', 'explain a command')
    .option('--verbose', 'show stack traces with errors')
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError('Run drover --help to see commands and flags.')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => Math.min(io.stdout.columns || 100, 100),
    })
    .addHelpText('after', programHelp)
    .hook('preAction', async (_, command) => {
      if (!Object.keys(io.env).some((name) => name.startsWith('DROVER_'))) return
      const { warnOfVariables } = await import('./settings/warn.ts')
      warnOfVariables(io, command.opts().json === true)
    })
  addCommands(program, commands, io)
  return program
}

/** The words of the command line as the program takes them: `help run` asks for `run --help`, `--version` for `version`. */
export function readWords(words: readonly string[]): readonly string[] {
  if (words[0] === 'help') return [...words.slice(1), '--help']
  if (words[0] === '--version') return ['version', ...words.slice(1)]
  return words
}
