import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { version as typescript } from 'typescript'
import type { Part, PartResult } from '../harness/part.ts'
import type { Settings } from '../harness/settings.ts'
import { takeRounds } from '../harness/take-rounds.ts'
import { type Mistake, type References, renderMappings } from '../types/mappings.ts'
import { mistakes } from '../types/mistakes.ts'
import { check, type Project, writeProject } from '../types/project.ts'
import { renderSchemas } from '../types/schemas.ts'

async function measureTypes(settings: Settings): Promise<PartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-bench-'))
  try {
    const { rows: tables } = settings
    const projects = await writeProjects(folder, tables)
    const variants = projects.map(([name, project, ...flags]) => ({
      name,
      run: () => mustBeRight(name, project, flags).then(() => undefined),
    }))
    const measured = await takeRounds(variants, settings, 1)
    const notes = [await plantMistakes(folder, 10), await plantMistakes(folder, tables)]
    return {
      conditions: { versions: { typescript } },
      tables: [{ title: 'type checks, each in a fresh process', measured }],
      claims: [],
      notes,
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** What is compiled: a name, a project, and flags of the compiler. */
type Compiled = readonly [string, Project, ...string[]]

async function writeProjects(folder: string, tables: number): Promise<readonly Compiled[]> {
  const schemas = new Map([['schemas.ts', renderSchemas(tables)]])
  const used = new Map([['empty.ts', `import 'drover'\nexport type { App } from './schemas.ts'\n`]])
  const withMappings = (references: References) =>
    writeProject(join(folder, references), new Map([...schemas, ...used, ...renderMappings(tables, references)]))
  const chain = await withMappings('chain')
  return [
    ['an empty file', await writeProject(join(folder, 'empty'), new Map([['empty.ts', 'export {}\n']]))],
    ['drover and both schemas', await writeProject(join(folder, 'none'), new Map([...schemas, ...used]))],
    [`${tables} mappings`, await withMappings('hubs')],
    // Each of the compiler's checkers, four unless told otherwise, follows the whole chain.
    ['the same, one chain of references', chain],
    ['the chain with one checker', chain, '--checkers', '1'],
  ]
}

/** Plants one of each mistake, and tells what the compiler made of it. */
async function plantMistakes(folder: string, tables: number): Promise<string> {
  const project = await writeProject(join(folder, `wrong-${tables}`), filesWith(tables, mistakes))
  const told = await check(project)
  if (JSON.stringify(told) !== JSON.stringify(project.marked)) {
    throw new Error(`planted in ${project.marked.join(' ')}, told of ${told.join(' ')}`)
  }
  return `${mistakes.length} mistakes in ${tables} mappings: ${told.length} errors, each where it was planted`
}

function filesWith(tables: number, planted: readonly Mistake[]): ReadonlyMap<string, string> {
  return new Map([['schemas.ts', renderSchemas(tables)], ...renderMappings(tables, 'hubs', planted)])
}

async function mustBeRight(name: string, project: Project, flags: readonly string[]): Promise<void> {
  const told = await check(project, flags)
  if (told.length > 0) throw new Error(`${name}: the compiler tells of ${told.join(' ')}`)
}

export default {
  about: 'how long the compiler takes over mappings of 25 columns, and whether it finds every mistake; rows: tables',
  rows: { usual: 200, quick: 50 },
  measure: measureTypes,
} satisfies Part
