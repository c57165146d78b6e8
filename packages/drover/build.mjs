// Builds dist/: JavaScript and declarations by tsc, the files that are read at run time beside them.
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const here = import.meta.dirname
const typescript = createRequire(import.meta.url).resolve('typescript/package.json')
const tsc = join(dirname(typescript), JSON.parse(readFileSync(typescript, 'utf8')).bin.tsc)

rmSync(join(here, 'dist'), { recursive: true, force: true })
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: here, stdio: 'inherit' })

for (const [directory, extension] of [
  ['ledger/sql', '.sql'],
  ['report', '.json'],
]) {
  const source = join(here, 'src', directory)
  const files = existsSync(source) ? readdirSync(source).filter((file) => file.endsWith(extension)) : []
  for (const file of files) cpSync(join(source, file), join(here, 'dist', directory, file))
}

chmodSync(join(here, 'dist/cli/main.js'), 0o755)
