import type { Command } from 'commander'
import { type ConfigFlags, configOption, readConfig } from '../config-file.ts'
import type { Io } from '../io.ts'
import { renderJsonValue, writeResult } from '../result.ts'

interface ShowFlags extends ConfigFlags {
  readonly json?: true
}

/** `drover config`: which settings hold, and where each stands. */
export function defineConfig(command: Command, io: Io): void {
  command
    .description(
      'Shows every setting, the value that holds in this directory and environment where no flag says otherwise, and where it stands. A connection string is shown without user and password. Connects to nothing.',
    )
    .addOption(configOption())
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
A flag goes before the environment, that before the config file, that before the default. The variable of a setting is its
name in capitals after DROVER_: DROVER_CHUNK_SECONDS, DROVER_LIMITS_LOCK_MS.

Examples:
  $ drover config
  $ drover config --json`,
    )
    .action(async (flags: ShowFlags) => {
      const { heldSettings, renderSettings } = await import('../settings/held.ts')
      const { unknownVariables } = await import('../settings/environment.ts')
      const config = await readConfig(flags, io.env)
      const held = heldSettings(config)
      const unread = unknownVariables(io.env).map(({ variable }) => variable)
      const { file = null } = config
      await writeResult(
        io,
        flags.json ? renderJsonValue({ file, settings: held, unread }) : renderSettings(held),
        undefined,
      )
      if (flags.json) return
      io.stderr.write(file === null ? 'There is no config file.\n' : `The config file is ${file}.\n`)
      if (unread.length > 0) io.stderr.write(`Variables that drover does not read: ${unread.join(', ')}.\n`)
    })
}
