import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pageOf, root } from '../docs/page.ts'
import { commandsOf } from '../docs/shell.ts'

/** Where the page is played. */
export interface Stage {
  /** A folder with a package.json, in which drover and a compiler are installed. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Carries SQL out in the database that the environment names. */
  query(sql: string): Promise<unknown>
}

/** What a command of the page may end with, where that is not 0: the compiler refuses, rows are set aside. */
const endings: Readonly<Record<string, number>> = { 'npx tsc': 1, 'npx drover run': 3 }

/**
 * Does what `docs/start-here.md` says, block by block, as somebody who reads it: each command is called, each piece of
 * TypeScript takes its place in the migration, and each output that is shown must be in what the command before it
 * said.
 *
 * @returns how many commands were called.
 */
export async function playStartHere({ folder, environment, query }: Stage): Promise<number> {
  const migration = join(folder, 'migration.ts')
  let said = ''
  let calls = 0
  for (const { language, text, line } of pageOf('docs/start-here.md').blocks) {
    const place = `docs/start-here.md:${line}`
    if (language === 'ts') takeIn(migration, text, place)
    if (language === 'text') assert(said.includes(text), `${place}: it is not what was said:\n${said}`)
    if (language !== 'sh') continue
    for (const { words } of commandsOf(text)) {
      const [program] = words
      if (program === 'psql') await query(readFileSync(join(root, 'docs/start-here', words.at(-1)!), 'utf8'))
      // What is installed already, and the database that is given already.
      if (program !== 'npx') continue
      const call = spawnSync('npx', ['--no-install', ...words.slice(1)], {
        cwd: folder,
        encoding: 'utf8',
        env: environment,
      })
      said = `${call.stdout}\n${call.stderr}`
      calls++
      const expected = Object.entries(endings).find(([start]) => words.join(' ').startsWith(start))?.[1] ?? 0
      assert.equal(call.status, expected, `${place}: ${words.join(' ')} ended with ${call.status}:\n${said}`)
    }
  }
  const report = join(folder, 'report.html')
  assert(existsSync(report) && readFileSync(report, 'utf8').includes('library'), 'there is no report')
  const compiled = spawnSync('npx', ['--no-install', 'tsc'], { cwd: folder, encoding: 'utf8', env: environment })
  assert.equal(compiled.status, 0, compiled.stdout)
  return calls
}

/**
 * A mapping that is shown stands there already; an import comes first, and a line takes the place of the one that
 * begins as it does.
 */
function takeIn(file: string, text: string, place: string): void {
  const before = readFileSync(file, 'utf8')
  if (text.includes(' = m.map(')) {
    assert(before.includes(text), `${place}: it was drafted otherwise:\n${before}`)
    return
  }
  if (text.startsWith('import ')) {
    writeFileSync(file, `${text}\n${before}`)
    return
  }
  const [beginning] = /^(const \w+|\w+:)/.exec(text) ?? []
  assert(beginning !== undefined, place)
  const replaced = new RegExp(`(?<=^ *)${beginning}.*`, 'm')
  assert.match(before, replaced, place)
  writeFileSync(
    file,
    before.replace(replaced, () => text),
  )
}
