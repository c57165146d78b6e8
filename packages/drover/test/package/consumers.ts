import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Project } from './project.ts'

const compiler = fileURLToPath(new URL('../../../../node_modules/.bin/tsc', import.meta.url))

/** How a compiler may look for modules, and what it is then told that modules are. */
const resolutions = [
  { moduleResolution: 'bundler', module: 'esnext' },
  { moduleResolution: 'node16', module: 'node16' },
  { moduleResolution: 'nodenext', module: 'nodenext' },
] as const

/** What a strict project says; declarations of the package are checked as its own files are. */
const strict = {
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  rewriteRelativeImportExtensions: true,
}

/**
 * Compiles the project under each way to look for modules. Returns the folder of the last one's output. @throws what
 * the compiler says
 */
export function compileAll({ folder }: Project): string {
  let built = ''
  for (const resolution of resolutions) {
    built = join(folder, `built-${resolution.moduleResolution}`)
    const config = join(folder, `tsconfig.${resolution.moduleResolution}.json`)
    const compilerOptions = { ...strict, ...resolution, rootDir: folder, outDir: built }
    writeFileSync(config, JSON.stringify({ compilerOptions, include: ['*.ts'] }))
    execFileSync(compiler, ['-p', config], { cwd: folder, stdio: 'inherit' })
  }
  return built
}

/** Compiles a file that must not compile, and returns what is said of it. */
export function complaintOf({ folder }: Project, text: string): string {
  const wrong = join(folder, 'wrong')
  mkdirSync(wrong)
  writeFileSync(join(wrong, 'wrong.ts'), text)
  const compilerOptions = { ...strict, ...resolutions[2], noEmit: true }
  writeFileSync(join(wrong, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  try {
    execFileSync(compiler, ['-p', wrong, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' })
    return ''
  } catch (thrown) {
    return (thrown as { stdout: string }).stdout
  }
}
