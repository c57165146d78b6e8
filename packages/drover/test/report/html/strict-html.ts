/** What a strict reading of a page has found. */
export interface Reading {
  /** Every complaint, with the place where it was met. */
  readonly complaints: readonly string[]
  readonly elements: readonly Element[]
  /** All text outside of tags, style and script, with its entities resolved. */
  readonly text: string
}

export interface Element {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

const voidElements = new Set(['meta', 'br', 'wbr', 'link', 'input'])
const rawElements = new Set(['style', 'script'])

/** Attributes that a report has a use for: any other one came from somewhere else. */
const known = new Set(
  [
    [
      'lang',
      'charset',
      'name',
      'content',
      'http-equiv',
      'class',
      'href',
      'id',
      'tabindex',
      'scope',
      'colspan',
      'title',
      'role',
    ],
    ['aria-label', 'aria-labelledby', 'aria-hidden', 'data-filter', 'data-copy'],
    ['width', 'height', 'viewbox', 'preserveaspectratio', 'd', 'x', 'y', 'cx', 'cy', 'r'],
  ].flat(),
)

/**
 * Reads a page as no browser would: every element closed in its order, every attribute known and quoted, no mark left
 * over in the text, every id once, every link to a part of the page leading somewhere.
 */
export function readStrictly(page: string): Reading {
  const complaints: string[] = []
  const elements: Element[] = []
  const open: string[] = []
  const texts: string[] = []
  const complain = (what: string, at: number) => complaints.push(`${what} at ${at}: ${page.slice(at, at + 60)}`)
  const tag = /<(\/?)([a-z][a-z0-9-]*)((?:\s+[a-z-]+(?:="[^"<]*")?)*)\s*(\/?)>/iy
  let at = page.startsWith('<!doctype html>') ? '<!doctype html>'.length : 0
  if (at === 0) complain('no doctype', 0)
  while (at < page.length) {
    const next = page.indexOf('<', at)
    const end = next === -1 ? page.length : next
    const text = page.slice(at, end)
    if (/&(?!(amp|lt|gt|quot|#39);)|>/.test(text)) complain('a mark that is not escaped', at)
    texts.push(resolve(text))
    if (next === -1) break
    tag.lastIndex = next
    const [all, isClosing, written, attributes, isEmpty] = tag.exec(page) ?? []
    if (all === undefined || written === undefined) {
      complain('no tag', next)
      break
    }
    const name = written.toLowerCase()
    at = next + all.length
    if (isClosing) {
      if (open.pop() !== name) complain('closes another element', next)
      continue
    }
    elements.push({ name, attributes: readAttributes(attributes ?? '', (what) => complain(what, next)) })
    if (isEmpty || voidElements.has(name)) continue
    if (rawElements.has(name)) {
      at = page.indexOf(`</${name}>`, at) + name.length + 3
      continue
    }
    open.push(name)
  }
  for (const name of open) complaints.push(`${name} is not closed`)
  return { complaints: [...complaints, ...anchorComplaints(elements)], elements, text: texts.join('') }
}

function readAttributes(text: string, complain: (what: string) => void): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const [, name, value] of text.matchAll(/([a-z-]+)(?:="([^"]*)")?/gi)) {
    const key = name!.toLowerCase()
    if (attributes.has(key)) complain(`${key} twice`)
    if (!known.has(key)) complain(`attribute ${key}`)
    if (/&(?!(amp|lt|gt|quot|#39);)/.test(value ?? '')) complain(`${key} is not escaped`)
    attributes.set(key, resolve(value ?? ''))
  }
  return attributes
}

function anchorComplaints(elements: readonly Element[]): readonly string[] {
  const of = (attribute: string) => elements.flatMap(({ attributes }) => attributes.get(attribute) ?? [])
  const ids = of('id')
  const unique = new Set(ids)
  const targets = [
    ...of('href').map((href) => href.replace(/^#/, '')),
    ...of('aria-labelledby').flatMap((all) => all.split(' ')),
  ]
  return [
    ...ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `id ${id} twice`),
    ...targets.filter((target) => !unique.has(target)).map((target) => `nothing is called ${target}`),
  ]
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

function resolve(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name]!)
}
