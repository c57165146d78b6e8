/** A command of a shell block, in words. */
export interface Command {
  readonly words: readonly string[]
  /** The number of its line within the block, from 0. */
  readonly line: number
}

/**
 * The commands of a shell block. Understood is what documents need: quotes, comments, lines that go on after a
 * backslash, several commands on one line, variables set ahead of a command, a file for the output behind it, the
 * prompt of a console block. Substitutions stay as they are.
 */
export function commandsOf(block: string): readonly Command[] {
  const commands: Command[] = []
  let begun = ''
  let from = 0
  for (const [i, text] of block.split('\n').entries()) {
    if (begun === '') from = i
    begun += text.replace(/^\s*\$ /, '')
    if (begun.endsWith('\\')) {
      begun = `${begun.slice(0, -1)} `
      continue
    }
    for (const words of split(begun)) commands.push({ words, line: from })
    begun = ''
  }
  return commands
}

const token = /\s+|#.*|&&|\|\||[|;]|(?:"(?:\\.|[^"\\])*"|'[^']*'|\$\([^)]*\)|\\.|[^\s"'|;&\\]|&(?!&))+/g

function split(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]]
  for (const [found] of line.matchAll(token)) {
    if (/^(?:&&|\|\||[|;])$/.test(found)) commands.push([])
    else if (found.startsWith('#')) break
    else if (!/^\s/.test(found)) commands.at(-1)!.push(unquoted(found))
  }
  return commands
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .map((words) => (words.includes('>') ? words.slice(0, words.indexOf('>')) : words))
    .filter((words) => words.length > 0 && !/^[A-Z_]+=/.test(words[0]!))
}

function unquoted(word: string): string {
  return word.replaceAll(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) =>
    double === undefined ? (single ?? escaped) : double.replaceAll(/\\(["\\$`])/g, '$1'),
  )
}
