/** Splits a script as psql does: at semicolons outside of texts, quoted names, dollar quotes and comments. */
export function splitStatements(script: string): readonly string[] {
  const statements: string[] = []
  let start = 0
  // A text, a quoted name, dollar quotes, both kinds of comment; or the end of a statement.
  const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[a-z_]\w*)?\$)[\s\S]*?\1|--[^\n]*|\/\*[\s\S]*?\*\/|;/gi
  for (const { 0: found, index } of script.matchAll(token)) {
    if (found !== ';') continue
    statements.push(script.slice(start, index + 1).trim())
    start = index + 1
  }
  const rest = script.slice(start).trim()
  return rest === '' ? statements : [...statements, rest]
}
