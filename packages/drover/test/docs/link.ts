import { existsSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { type Page, placeOf, root } from './page.ts'

/** A link from a page to something of the repository. */
export interface Link {
  readonly from: Page
  readonly line: number
  /** What it leads to, from the root; a folder without a slash at its end. */
  readonly path: string
  /** What follows `#`; empty where nothing does. */
  readonly anchor: string
}

/** The links of a page that lead into the repository. Those in code are no links. */
export function linksOf(page: Page): readonly Link[] {
  return withoutCode(page.prose)
    .split('\n')
    .flatMap((text, i) =>
      [...text.matchAll(/\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)?)\)/g)]
        .map(([, target]) => target!)
        .filter((target) => !/^[a-z]+:/.test(target))
        .map((target) => {
          const [file = '', anchor = ''] = target.split('#')
          const folder = posix.dirname(page.path)
          const path = file === '' ? page.path : posix.normalize(posix.join(folder, decodeURI(file))).replace(/\/$/, '')
          return { from: page, line: i + 1, path, anchor }
        }),
    )
}

/** What is wrong with a link; undefined where nothing is. */
export function faultOf({ from, line, path, anchor }: Link, pages: readonly Page[]): string | undefined {
  const place = placeOf(from, line)
  if (path.startsWith('..')) return `${place}: ${path} lies outside the repository`
  if (!existsSync(`${root}${path}`)) return `${place}: there is no ${path}`
  if (anchor === '' || statSync(`${root}${path}`).isDirectory()) return undefined
  const target = pages.find((page) => page.path === path)
  if (target === undefined) return `${place}: ${path} has no headings`
  return anchorsOf(target).has(anchor) ? undefined : `${place}: ${path} has no heading #${anchor}`
}

/**
 * The anchors of a page's headings, as GitHub makes them: lower case, letters, digits, hyphens and underscores stay, a space
 * is a hyphen, a heading that occurs again is numbered. Anchors that a page names itself are among them.
 */
export function anchorsOf({ prose }: Page): ReadonlySet<string> {
  const anchors = new Set([...prose.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name]) => name!))
  const seen = new Map<string, number>()
  for (const [, heading] of prose.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const slug = heading!
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-')
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    anchors.add(times === 0 ? slug : `${slug}-${times}`)
  }
  return anchors
}

/** The paths of the pages that somebody reaches who begins at one page and follows links. */
export function reachedFrom(start: Page, pages: readonly Page[]): ReadonlySet<string> {
  const reached = new Set([start.path])
  const open = [start]
  for (let page = open.pop(); page !== undefined; page = open.pop()) {
    for (const { path } of linksOf(page)) {
      const next = pages.find((each) => each.path === path || each.path === `${path}/README.md`)
      if (next === undefined || reached.has(next.path)) continue
      reached.add(next.path)
      open.push(next)
    }
  }
  return reached
}

function withoutCode(prose: string): string {
  return prose.replaceAll(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, (code) => code.replaceAll(/[^\n]/g, ' '))
}
