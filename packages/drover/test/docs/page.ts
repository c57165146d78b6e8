import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The root of the repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** A page in Markdown. */
export interface Page {
  /** From the root of the repository: `docs/mapping.md`. */
  readonly path: string
  readonly text: string
  /** The fenced blocks, in their order. */
  readonly blocks: readonly Block[]
  /** The text without its fenced blocks, which are empty lines here: line numbers stay. */
  readonly prose: string
}

/** A fenced block of a page. */
export interface Block {
  /** What stands behind the fence: `ts`, `sh`, or nothing. */
  readonly language: string
  readonly text: string
  /** The number of its first line. */
  readonly line: number
}

/** Every page that people read. */
export const pages: readonly Page[] = globSync(['*.md', 'docs/**/*.md', 'examples/*/README.md'], { cwd: root })
  .sort()
  .map((path) => parsePage(path, readFileSync(`${root}${path}`, 'utf8')))

/** The page of a path from the root. */
export function pageOf(path: string): Page {
  const page = pages.find((each) => each.path === path)
  if (page === undefined) throw new Error(`There is no page ${path}.`)
  return page
}

/** Where a block or a line stands, for whoever has to mend it. */
export function placeOf({ path }: Page, line: number): string {
  return `${path}:${line}`
}

/** A page made of its text. */
export function parsePage(path: string, text: string): Page {
  const blocks: Block[] = []
  const prose: string[] = []
  let open: { language: string; fence: string; line: number; lines: string[] } | undefined
  for (const [i, line] of text.split('\n').entries()) {
    const [, fence, language] = /^ *(`{3,})(\w*) *$/.exec(line) ?? []
    if (open === undefined && fence !== undefined) open = { language: language!, fence, line: i + 2, lines: [] }
    else if (open !== undefined && fence === open.fence && language === '') {
      blocks.push({ language: open.language, text: open.lines.join('\n'), line: open.line })
      open = undefined
    } else open?.lines.push(line)
    prose.push(open === undefined && fence === undefined ? line : '')
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: the block has no end.`)
  return { path, text, blocks, prose: prose.join('\n') }
}
