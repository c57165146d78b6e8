import { stat } from 'node:fs/promises'
import { Option } from 'commander'
import type { Config } from '../config.ts'
import { DroverError } from '../error.ts'
import type { Io } from './io.ts'
import type { ModuleKind } from './load-failure.ts'
import type { SettingKey } from './settings/key.ts'
import type { Mistake } from './settings/mistake.ts'

/** The config file of a directory; of several, the first of these. */
const names = ['drover.config.ts', 'drover.config.mts', 'drover.config.js', 'drover.config.mjs']

const kind: ModuleKind = {
  noun: 'config file',
  code: 'usage-invalid',
  purpose: 'define the settings',
  isSecret: true,
}

/** The flag of every command that reads a configuration file. */
export interface ConfigFlags {
  readonly config?: string
}

/** The settings of a project, and where they stand. */
export interface ReadConfig {
  readonly settings: Config
  /** Undefined where there is no config file. */
  readonly file: string | undefined
  /** Where each setting stands that is no default: `DROVER_WORKERS`, or `workers in drover.config.ts`. */
  readonly origins: ReadonlyMap<SettingKey, string>
}

/** The flag of every command that settings have a say in. */
export function configOption(): Option {
  return new Option(
    '--config <file>',
    `settings of the project (default: DROVER_CONFIG, else ${names[0]} in this directory, if there is one)`,
  )
}

/**
 * The settings of the environment, and behind them those of the config file: the one that `--config` or `DROVER_CONFIG`
 * names, else that of the working directory, if there is one.
 *
 * @throws DroverError `usage-invalid` where the file cannot be loaded, and with all that is wrong in both. It never shows a
 * value.
 */
export async function readConfig(flags: ConfigFlags, env: Io['env']): Promise<ReadConfig> {
  // Help and wrong flags do not wait for the table of settings.
  const { mistakesOf } = await import('./settings/check-file.ts')
  const { readEnvironment } = await import('./settings/environment.ts')
  const { joinSettings } = await import('./settings/join.ts')
  const file = flags.config ?? (env.DROVER_CONFIG || (await findConfig()))
  const written = file === undefined ? {} : await readFile(file)
  const { named, mistakes } = readEnvironment(env)
  requireNoMistakes([...(file === undefined ? [] : mistakesOf(written, file)), ...mistakes])
  return { ...joinSettings(written, file, named), file }
}

async function readFile(file: string): Promise<object> {
  const { loadDefault } = await import('./load-module.ts')
  const settings = await loadDefault(file, kind)
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return settings
  const what =
    settings === undefined
      ? 'The config file has no default export.'
      : 'The default export of the config file is not an object.'
  throw new DroverError(kind.code, what, { where: file, remedy: 'Write: export default { … } satisfies Config.' })
}

async function findConfig(): Promise<string | undefined> {
  for (const name of names) if ((await stat(name).catch(() => undefined))?.isFile()) return name
  return undefined
}

function requireNoMistakes(mistakes: readonly Mistake[]): void {
  const [mistake, ...others] = mistakes
  if (mistake === undefined) return
  const { what, where, remedy } = mistake
  if (others.length === 0) throw new DroverError(kind.code, what, { where, remedy })
  throw new DroverError(kind.code, `${mistakes.length} settings are wrong.`, {
    findings: mistakes.map((each) => `${each.what} ${each.remedy}`),
    remedy: 'Correct them.',
  })
}
