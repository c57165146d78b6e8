// Lays out what is published, to be packed or published from there: node package.mjs <folder>
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const here = import.meta.dirname
const root = join(here, '../..')
const folder = resolve(process.argv[2] ?? join(here, 'dist/package'))

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
execFileSync(process.execPath, [join(here, 'build.mjs'), join(folder, 'dist')], { stdio: 'inherit' })
for (const file of ['README.md', 'LICENSE']) cpSync(join(root, file), join(folder, file))

const { private: _, scripts, exports, ...manifest } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
const published = {
  ...manifest,
  exports: Object.fromEntries(
    Object.entries(exports)
      // For the examples of this repository, which start it as a program: others have the command.
      .filter(([name]) => name !== './cli')
      // `source` is for this repository: a consumer that has a condition of that name would look for what is not there.
      .map(([name, { source: __, ...target }]) => [name, target]),
  ),
}
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
