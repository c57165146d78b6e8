import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mark } from './mappings.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const compiler = join(root, 'node_modules/typescript/bin/tsc')

/** A folder with TypeScript files, under this repository's compiler options. */
export interface Project {
  readonly folder: string
  /** The lines that the compiler must tell of, as `file:line`. */
  readonly marked: readonly string[]
}

export async function writeProject(folder: string, files: ReadonlyMap<string, string>): Promise<Project> {
  await mkdir(folder, { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const options = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { noUnusedLocals: false },
    include: ['*.ts'],
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ ...options, exclude: [] }))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  for (const [name, text] of files) await writeFile(join(folder, name), text)
  const marked = [...files].flatMap(([name, text]) =>
    text.split('\n').flatMap((line, i) => (line.endsWith(mark) ? [`${name}:${i + 1}`] : [])),
  )
  return { folder, marked: marked.toSorted() }
}

/** Type-checks in a fresh process, with further `flags`; gives what was told of, as `file:line`. */
export function check(project: Project, flags: readonly string[] = []): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const options = { cwd: project.folder, maxBuffer: 64 * 1024 * 1024 }
    execFile(
      process.execPath,
      [compiler, '--noEmit', '--pretty', 'false', '-p', '.', ...flags],
      options,
      (_, stdout) => {
        const told = [...stdout.matchAll(/^(.+?)\((\d+),\d+\): error TS/gm)].map(([, file, line]) => `${file}:${line}`)
        resolve(told.toSorted())
      },
    )
  })
}
