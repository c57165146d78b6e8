import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('./typed', import.meta.url))
const compiler = fileURLToPath(new URL('../../../../node_modules/.bin/tsc', import.meta.url))

interface Complaint {
  readonly line: number
  readonly message: string
}

/** What the compiler says of the folder, by file: each complaint with the lines that explain it. */
function complaints(): ReadonlyMap<string, readonly Complaint[]> {
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

/** The lines that must be complained of, each with a part of what must be said. */
function expectations(file: string): readonly Complaint[] {
  const lines = readFileSync(`${folder}/${file}`, 'utf8').split('\n')
  return lines.flatMap((line, i) => {
    const message = /^\s*\/\/ wrong: (.*)$/.exec(line)?.[1]
    return message === undefined ? [] : [{ line: i + 2, message }]
  })
}

test('each mistake is told at the line where it stands, and nothing else is told', () => {
  const found = complaints()
  expect([...found.keys()]).toEqual(['mistakes.ts'])
  const told = found.get('mistakes.ts')!
  const expected = expectations('mistakes.ts')
  expect(told.map(({ line }) => line)).toEqual(expected.map(({ line }) => line))
  for (const { line, message } of expected) {
    expect(told.find((complaint) => complaint.line === line)!.message, `line ${line}`).toContain(message)
  }
})
