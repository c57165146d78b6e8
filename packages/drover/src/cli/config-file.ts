import { stat } from 'node:fs/promises'
import { Option } from 'commander'
import type { Config } from '../config.ts'
import { DroverError } from '../error.ts'
import { isObject, mistakesOf } from './config-check.ts'
import type { ModuleKind } from './load-failure.ts'

/** The config file of a directory; of several, the first of these. */
const names = ['drover.config.ts', 'drover.config.mts', 'drover.config.js', 'drover.config.mjs']

const kind: ModuleKind = {
  noun: 'config file',
  code: 'usage-invalid',
  purpose: 'define the settings',
  isSecret: true,
}

export interface ConfigFlags {
  readonly config?: string
}

/** The settings of a project, and where they stand. */
export interface ReadConfig {
  readonly settings: Config
  /** Undefined where there is no config file. */
  readonly file: string | undefined
}

/** The flag of every command that settings have a say in. */
export function configOption(): Option {
  return new Option(
    '--config <file>',
    `settings of the project (default: ${names[0]} in this directory, if there is one)`,
  )
}

/**
 * The settings that `--config` names, or those of the working directory; none where there is no such file.
 *
 * @throws DroverError `usage-invalid` where the file cannot be loaded or holds what is no setting. It never shows a value.
 */
export async function readConfig(flags: ConfigFlags): Promise<ReadConfig> {
  const file = flags.config ?? (await findConfig())
  if (file === undefined) return { settings: {}, file }
  const { loadDefault } = await import('./load-module.ts')
  const settings = await loadDefault(file, kind)
  if (!isObject(settings)) {
    const what =
      settings === undefined
        ? 'The config file has no default export.'
        : 'The default export of the config file is not an object.'
    throw new DroverError(kind.code, what, { where: file, remedy: 'Write: export default { … } satisfies Config.' })
  }
  requireNoMistakes(settings, file)
  return { settings: definedOf(settings), file }
}

async function findConfig(): Promise<string | undefined> {
  for (const name of names) if ((await stat(name).catch(() => undefined))?.isFile()) return name
  return undefined
}

function requireNoMistakes(settings: object, file: string): void {
  const [mistake, ...others] = mistakesOf(settings, file)
  if (mistake === undefined) return
  if (others.length === 0) throw new DroverError(kind.code, mistake.what, { where: file, remedy: mistake.remedy })
  throw new DroverError(kind.code, `${1 + others.length} settings of the config file are wrong.`, {
    where: file,
    findings: [mistake, ...others].map(({ what, remedy }) => `${what} ${remedy}`),
    remedy: 'Correct them.',
  })
}

/** Without what is undefined, so that it takes the place of no default. */
function definedOf(settings: object): object {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([key, value]) => [key, isObject(value) ? definedOf(value) : value]))
}
