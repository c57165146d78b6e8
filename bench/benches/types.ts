import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench } from '../bench.ts'
import { measure, printMeasured } from '../measure.ts'
import { type Mistake, type References, renderMappings } from '../types/mappings.ts'
import { mistakes } from '../types/mistakes.ts'
import { check, type Project, writeProject } from '../types/project.ts'
import { renderSchemas } from '../types/schemas.ts'

const about = 'how long the compiler takes over 200 mappings of 25 columns, and whether it finds every mistake'

async function run(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: { tables: { type: 'string', default: '200' }, runs: { type: 'string', default: '5' } },
  })
  const [tables, runs] = [Number(values.tables), Number(values.runs)]
  const folder = await mkdtemp(join(tmpdir(), 'drover-bench-'))
  try {
    await measureTypes(folder, tables, runs)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function measureTypes(folder: string, tables: number, runs: number): Promise<void> {
  const schemas = new Map([['schemas.ts', renderSchemas(tables)]])
  const used = new Map([['empty.ts', `import 'drover'\nexport type { App } from './schemas.ts'\n`]])
  const withMappings = (references: References) =>
    writeProject(join(folder, references), new Map([...schemas, ...used, ...renderMappings(tables, references)]))
  const chain = await withMappings('chain')
  const projects: readonly (readonly [string, Project, ...string[]])[] = [
    ['an empty file', await writeProject(join(folder, 'empty'), new Map([['empty.ts', 'export {}\n']]))],
    ['drover and both schemas', await writeProject(join(folder, 'none'), new Map([...schemas, ...used]))],
    [`${tables} mappings`, await withMappings('hubs')],
    // Each of the compiler's checkers, four unless told otherwise, follows the whole chain.
    ['the same, one chain of references', chain],
    ['the chain with one checker', chain, '--checkers', '1'],
  ]
  const variants = projects.map(([name, project, ...flags]) => ({ name, run: () => mustBeRight(name, project, flags) }))
  console.log(`Type checks of ${tables} tables of 25 columns, each in a fresh process, ${runs} runs in turn`)
  printMeasured(await measure(variants, runs))

  console.log(`\n${mistakes.length} planted mistakes`)
  for (const count of [10, tables]) {
    const project = await writeProject(join(folder, `wrong-${count}`), filesWith(count, mistakes))
    const told = await check(project)
    const asPlanted = JSON.stringify(told) === JSON.stringify(project.marked)
    console.log(
      `${String(count).padStart(4)} tables: ${told.length} errors, ${asPlanted ? 'each where it was planted' : ''}`,
    )
    if (!asPlanted) fail(`planted in ${project.marked.join(' ')}, told of ${told.join(' ')}`)
  }
}

function filesWith(tables: number, planted: readonly Mistake[]): ReadonlyMap<string, string> {
  return new Map([['schemas.ts', renderSchemas(tables)], ...renderMappings(tables, 'hubs', planted)])
}

async function mustBeRight(name: string, project: Project, flags: readonly string[]): Promise<void> {
  const told = await check(project, flags)
  if (told.length > 0) fail(`${name}: the compiler tells of ${told.join(' ')}`)
}

function fail(why: string): never {
  throw new Error(why)
}

export default { about, run } satisfies Bench
