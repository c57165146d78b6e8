import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const compiler = fileURLToPath(new URL('../../../../node_modules/.bin/tsc', import.meta.url))

export interface Complaint {
  readonly line: number
  readonly message: string
}

/** What the compiler says of a folder with a tsconfig.json, by file: each complaint with the lines that explain it. */
export function complaintsOf(folder: string): ReadonlyMap<string, readonly Complaint[]> {
  const { stdout } = spawnSync(compiler, ['--noEmit', '--pretty', 'false', '-p', folder], {
    encoding: 'utf8',
    cwd: folder,
  })
  const byFile = new Map<string, Complaint[]>()
  for (const text of stdout.split(/\n(?=\S)/)) {
    const [, file, line, message] = /^(.+?)\((\d+),\d+\): error TS\d+: ([\s\S]*)$/.exec(text) ?? []
    if (file === undefined) continue
    byFile.set(file, [...(byFile.get(file) ?? []), { line: Number(line), message: message! }])
  }
  return byFile
}

/** The lines of a file that must be complained of, each with a part of what must be said: what follows `// wrong:`. */
export function expectedComplaints(folder: string, file: string): readonly Complaint[] {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n')
  return lines.flatMap((line, i) => {
    const message = /^\s*\/\/ wrong: (.*)$/.exec(line)?.[1]
    return message === undefined ? [] : [{ line: i + 2, message }]
  })
}
