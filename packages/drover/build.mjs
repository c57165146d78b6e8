// Builds JavaScript and declarations by tsc, and the files that are read at run time beside them: node build.mjs [folder]
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'

const here = import.meta.dirname
const built = resolve(process.argv[2] ?? join(here, 'dist'))
const typescript = createRequire(import.meta.url).resolve('typescript/package.json')
const tsc = join(dirname(typescript), JSON.parse(readFileSync(typescript, 'utf8')).bin.tsc)

rmSync(built, { recursive: true, force: true })
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', built], { cwd: here, stdio: 'inherit' })

for (const [directory, extension] of [
  ['ledger/sql', '.sql'],
  ['report', '.json'],
]) {
  const source = join(here, 'src', directory)
  const files = existsSync(source) ? readdirSync(source).filter((file) => file.endsWith(extension)) : []
  for (const file of files) cpSync(join(source, file), join(built, directory, file))
}

chmodSync(join(built, 'cli/main.js'), 0o755)
