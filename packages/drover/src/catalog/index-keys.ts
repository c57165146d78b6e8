/**
 * The keys of an index from its definition, as SQL: columns and expressions in order, each with its collation where that
 * is not its own. Operator class and order are left out: what is equal does not hang on them.
 */
export function indexKeys(definition: string): readonly string[] {
  const using = skip(definition, 0, (rest) => rest.startsWith(' USING '))
  const open = definition.indexOf('(', using)
  const keys: string[] = []
  for (let at = open + 1; definition[at - 1] !== ')'; at += 1) {
    const end = skip(definition, at, (rest) => rest[0] === ',' || rest[0] === ')')
    keys.push(keyOf(definition.slice(at, end).trim()))
    at = end
  }
  return keys
}

/** The position from which `isEnd` holds, outside of quotes and parentheses. */
function skip(text: string, from: number, isEnd: (rest: string) => boolean): number {
  let at = from
  while (at < text.length && !isEnd(text.slice(at))) at += lengthOf(text, at)
  return at
}

/** How long what begins here is: a quoted name or text, something in parentheses, or one character. */
function lengthOf(text: string, at: number): number {
  const quoted = /^("(?:[^"]|"")*"|'(?:[^']|'')*')/.exec(text.slice(at))
  if (quoted !== null) return quoted[0].length
  if (text[at] !== '(') return 1
  return skip(text, at + 1, (rest) => rest[0] === ')') + 1 - at
}

/**
 * `lower(name) COLLATE "C" text_pattern_ops DESC` without what follows the collation. A key that is no call and no
 * column is in parentheses.
 */
function keyOf(part: string): string {
  const end = skip(part, 0, (rest) => rest[0] === ' ')
  const collation = /^ COLLATE ("(?:[^"]|"")*"|[^ ."]+)(\.("(?:[^"]|"")*"|[^ ."]+))?/.exec(part.slice(end))
  return part.slice(0, end) + (collation?.[0] ?? '')
}
