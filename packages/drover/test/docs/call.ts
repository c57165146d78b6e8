import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { partNames } from '../../../../bench/parts/names.ts'
import { readSettings } from '../../../../examples/dental-clinic/demo/settings.ts'
import type { Io } from '../../src/cli/io.ts'
import { buildProgram, readWords } from '../../src/cli/program.ts'
import { root } from './page.ts'

/** What would refuse a call, without its being carried out; undefined where nothing would. */
export async function refusalOf(words: readonly string[]): Promise<string | undefined> {
  const [program, ...rest] = words[0] === 'npx' ? words.slice(1) : words
  if (program === 'drover') return droverRefusal(rest)
  if (program === 'npm' && rest[0] === 'run') return scriptRefusal(rest.slice(1).filter((word) => word !== '-s'))
  return undefined
}

/** The scripts of a workspace, by its folder; of the root without one. */
function scriptsOf(folder = '.'): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(`${root}${folder}/package.json`, 'utf8')).scripts
}

/** `npm run demo -- --scale m`, in the root of the repository. */
async function scriptRefusal([script, dashes, ...rest]: readonly string[]): Promise<string | undefined> {
  const workspace = dashes === '--workspace' ? rest[0] : undefined
  if (script === undefined || !(script in scriptsOf(workspace))) return `npm knows no script ${script}`
  if (workspace !== undefined) return undefined
  if (dashes === undefined) return undefined
  if (dashes !== '--') return `npm takes ${dashes} for itself: -- is missing`
  if (script === 'drover') return rest.length === 0 ? undefined : droverRefusal(rest)
  if (script === 'demo') return demoRefusal(rest)
  if (script === 'bench') {
    const part = rest.find((word, i) => !word.startsWith('-') && !rest[i - 1]?.startsWith('--'))
    return part === undefined || partNames.includes(part) ? undefined : `the bench has no part ${part}`
  }
  return undefined
}

class Parsed extends Error {}

/** Parses as the command line does, values of flags included, and stops ahead of the command's action. */
async function droverRefusal(words: readonly string[]): Promise<string | undefined> {
  const said: string[] = []
  const stream = { columns: 100, write: (text: string) => said.push(text) } as unknown as NodeJS.WriteStream
  const program = buildProgram({ env: {}, stdout: stream, stderr: stream } as unknown as Io)
  program.hook('preAction', () => {
    throw new Parsed()
  })
  try {
    await program.parseAsync(readWords(words), { from: 'user' })
  } catch (thrown) {
    if (thrown instanceof Parsed) return undefined
    if (!(thrown instanceof CommanderError)) throw thrown
    return thrown.exitCode === 0 ? undefined : thrown.message
  }
  return said.join('')
}

function demoRefusal(args: readonly string[]): string | undefined {
  try {
    readSettings({ args, env: {}, directory: root })
    return undefined
  } catch (thrown) {
    return (thrown as Error).message
  }
}
