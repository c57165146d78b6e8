import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { release } from 'node:os'
import { pathToFileURL } from 'node:url'
import { findDistribution, platformPackage } from '../embedded/platform.ts'
import { droverVersion } from '../plan/version.ts'

/** What has a version, and which. */
export type Version = readonly [name: string, version: string]

/** Packages in which a fault of another may show. */
const packages = ['pg', 'pg-copy-streams', 'kysely', 'jiti']

/** The versions of drover and of what it runs on. */
export function localVersions(): readonly Version[] {
  const { node, v8 } = process.versions
  return [
    ['drover', droverVersion],
    ['node', `${node} (V8 ${v8})`],
    ['platform', `${process.platform} ${release()} ${process.arch}`],
    ...packages.map((name): Version => [name, packageVersion(name)]),
    ['embedded', embeddedVersion()],
  ]
}

/** Of the package as this program finds it. Not every package lets its package.json be asked for by name. */
function packageVersion(name: string): string {
  const { resolve } = createRequire(import.meta.url)
  try {
    const { href } = pathToFileURL(resolve(name))
    const folder = `/node_modules/${name}/`
    const root = href.slice(0, href.lastIndexOf(folder) + folder.length)
    return (JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }).version
  } catch {
    return 'not found'
  }
}

/** Of the PostgreSQL that rehearsals run on where no scratch database is named. */
function embeddedVersion(): string {
  try {
    const { platform, packageVersion: version } = findDistribution(platformPackage(process.platform, process.arch))
    return `PostgreSQL ${version} (${platform})`
  } catch {
    return 'not installed'
  }
}
