/** Lines of at most `lineWidth` characters, the text to the right of `head`. A longer word has a line of its own. */
export function wrap(head: string, text: string, lineWidth = 100): readonly string[] {
  const width = lineWidth - head.length
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((line, i) => `${i === 0 ? head : ' '.repeat(head.length)}${line}`)
}
