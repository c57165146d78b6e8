import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { complaintsOf } from '../support/complaints.ts'
import { type Block, type Page, placeOf, root } from './page.ts'

const contexts = fileURLToPath(new URL('./typed/', import.meta.url))

/** Where each line of a written file comes from; undefined is a line of the context. */
type Origins = readonly (string | undefined)[]

/** What a line of a block must say for the compiler to be right in refusing it. */
const refused = /\/\/ does not compile/

/**
 * What the compiler says of the TypeScript of pages, and lines that it should refuse and does not; each with its place.
 *
 * A block is a module of its own, beside the files of `typed/<page>/`. Where a page shows fragments,
 * `typed/<page>/page.ts` is what stands around them: a line `// block: <first line of a block>` is where the block
 * goes. A line that ends with `// does not compile` must be refused.
 *
 * @param folder is made anew.
 */
export function faultsOf(pages: readonly Page[], folder: string): readonly string[] {
  rmSync(folder, { recursive: true, force: true })
  const written = new Map(pages.flatMap((page) => [...write(page, folder)]))
  const options = { noUnusedLocals: false, noUnusedParameters: false, resolveJsonModule: true }
  const config = { extends: `${root}tsconfig.json`, compilerOptions: options, include: ['**/*.ts'], exclude: [] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const complaints = complaintsOf(folder)
  const faults: string[] = []
  for (const [file, told] of complaints) {
    for (const { line, message } of told) {
      const origin = written.get(file)?.[line - 1]
      if (origin !== undefined && isRefused(folder, file, line)) continue
      faults.push(`${origin ?? `${file}:${line}`}: ${message}`)
    }
  }
  for (const [file, origins] of written) {
    for (const [i, origin] of origins.entries()) {
      const isTold = complaints.get(file)?.some(({ line }) => line === i + 1) ?? false
      if (origin !== undefined && !isTold && isRefused(folder, file, i + 1)) faults.push(`${origin}: it does compile`)
    }
  }
  return faults
}

function isRefused(folder: string, file: string, line: number): boolean {
  return refused.test(readFileSync(join(folder, file), 'utf8').split('\n')[line - 1]!)
}

/** Writes the blocks of a page, and returns by file where its lines come from. */
function* write(page: Page, folder: string): Iterable<readonly [string, Origins]> {
  const name = nameOf(page)
  const context = join(contexts, name)
  mkdirSync(join(folder, name), { recursive: true })
  if (existsSync(context)) cpSync(context, join(folder, name), { recursive: true })
  const around = join(context, 'page.ts')
  const placed = new Set<Block>()
  if (existsSync(around)) {
    const lines: string[] = []
    const origins: (string | undefined)[] = []
    for (const line of readFileSync(around, 'utf8').split('\n')) {
      const block = blockFor(page, line, placed)
      lines.push(...(block?.text.split('\n') ?? [line]))
      origins.push(...(block?.text.split('\n').map((_, i) => placeOf(page, block.line + i)) ?? [undefined]))
    }
    writeFileSync(join(folder, name, 'page.ts'), lines.join('\n'))
    yield [join(name, 'page.ts'), origins]
  }
  for (const block of page.blocks) {
    if (block.language !== 'ts' || placed.has(block)) continue
    const file = join(name, `line-${block.line}.ts`)
    writeFileSync(join(folder, file), `${block.text}\nexport {}\n`)
    yield [file, block.text.split('\n').map((_, i) => placeOf(page, block.line + i))]
  }
}

/** The block that a line of a context asks for. */
function blockFor(page: Page, line: string, placed: Set<Block>): Block | undefined {
  const first = /^\s*\/\/ block: (.*)$/.exec(line)?.[1]
  if (first === undefined) return undefined
  const block = page.blocks.find((each) => each.text.startsWith(first) && !placed.has(each))
  if (block === undefined) throw new Error(`${page.path} has no block that begins with: ${first}`)
  placed.add(block)
  return block
}

/** `docs/verification.md` is `verification`, `examples/blog/README.md` is `blog`, `README.md` is `README`. */
function nameOf({ path }: Page): string {
  const name = basename(path, '.md')
  return name === 'README' && path.includes('/') ? basename(dirname(path)) : name
}
