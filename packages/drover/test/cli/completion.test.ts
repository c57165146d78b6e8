import { execFile, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { drover } from './drover.ts'

let folder: string
const scripts = new Map<string, string>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-completion-'))
  await mkdir(join(folder, 'migrations'))
  for (const name of ['migration.ts', 'my plan.json', 'a*b.ts']) await writeFile(join(folder, name), '')
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { exit, stdout, stderr } = await drover(['completion', shell])
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    const file = join(folder, `.${shell}`)
    await writeFile(file, stdout)
    scripts.set(shell, file)
  }
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** What bash offers for the last of the words, with its own splitting of `--flag=value`. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const script = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _drover; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['-c', script, scripts.get('bash')!, 'drover', ...words], {
    cwd: folder,
  })
  return stdout.split('\n').filter(Boolean)
}

function isInstalled(shell: string): boolean {
  try {
    execFileSync(shell, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.concurrent('bash completes', () => {
  it('by the function of the script', async () => {
    const { stdout } = await promisify(execFile)('bash', [
      '-c',
      'source "$0"; complete -p drover',
      scripts.get('bash')!,
    ])
    expect(stdout).toBe('complete -F _drover drover\n')
  })

  it.each<[readonly string[], readonly string[]]>([
    [[''], commands.map(({ name }) => name)],
    [['rep'], ['report']],
    [
      ['quarantine', ''],
      ['list', 'show', 'export', 'fix', 'accept', 'retry'],
    ],
    [['--verbose', 'merges', 's'], ['show']],
    [
      ['run', '--ch'],
      ['--chunk-rows', '--chunk-seconds'],
    ],
    [['quarantine', 'list', '--ma'], ['--mapping']],
    [['status', '--h'], ['--help']],
    [['--v'], ['--verbose', '--version']],
    [
      ['report', '--format', ''],
      ['json', 'markdown', 'html', 'junit'],
    ],
    [
      ['report', '--format', '='],
      ['json', 'markdown', 'html', 'junit'],
    ],
    [['report', '--format', '=', 'ju'], ['junit']],
    [['run', '--allow', ''], hazardNames],
    [['completion', 'z'], ['zsh']],
    // A number is to be written, and a file would be wrong.
    [['run', '--workers', ''], []],
    [
      ['run', '--workers', '4', 'mig'],
      ['migrations', 'migration.ts'],
    ],
    [['run', '--plan', 'my'], ['my plan.json']],
    [['run', 'a'], ['a*b.ts']],
    [['status', 'mig'], []],
  ])('%j', async (words, expected) => {
    expect((await offered(...words)).toSorted()).toEqual([...expected].toSorted())
  })
})

describe('the scripts', () => {
  it.each(['bash', 'zsh', 'fish'])('for %s parse, where it is installed', (shell) => {
    if (!isInstalled(shell)) return console.log(`Skipped: ${shell} is not installed.`)
    execFileSync(shell, ['-n', scripts.get(shell)!])
  })

  it('are for the shells that there are', async () => {
    const { exit, stderr } = await drover(['completion', 'tcsh'])
    expect(exit).toBe(2)
    expect(stderr).toContain('Allowed choices are bash, zsh, fish.')
  })
})
