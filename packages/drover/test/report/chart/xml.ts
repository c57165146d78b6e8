/** An element as it stands in a markup text. */
export interface Tag {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

/**
 * The elements of a text that must be well-formed XML: each closed in its order, each attribute quoted and named once, no
 * stray `<` or `&`, no character that XML does not know. Throws where it is not.
 */
export function parseXml(text: string): readonly Tag[] {
  const unknown = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(text)
  if (unknown !== null) throw new Error(`character ${unknown[0].codePointAt(0)} at ${unknown.index}`)
  const tags: Tag[] = []
  const open: string[] = []
  for (const token of text.match(/<[^<>]*>|[^<]+|</g) ?? []) {
    if (!token.startsWith('<')) checkText(token)
    else if (token.startsWith('</')) {
      if (`</${open.pop()}>` !== token) throw new Error(`${token} closes nothing`)
    } else {
      const [, name, attributes, end] = /^<([A-Za-z]+)((?:\s+[A-Za-z-]+="[^"]*")*)\s*(\/?)>$/.exec(token) ?? []
      if (name === undefined) throw new Error(`not an element: ${token}`)
      tags.push({ name, attributes: readAttributes(attributes!) })
      if (end === '') open.push(name)
    }
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`)
  return tags
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  const all = [...text.matchAll(/([A-Za-z-]+)="([^"]*)"/g)].map((match) => [match[1]!, match[2]!] as const)
  for (const [, value] of all) checkText(value)
  const attributes = new Map(all)
  if (attributes.size < all.length) throw new Error(`an attribute twice: ${text}`)
  return attributes
}

function checkText(text: string): void {
  if (/&(?!(?:amp|lt|gt|quot|#\d+);)/.test(text) || text.includes('>')) throw new Error(`not escaped: ${text}`)
}
