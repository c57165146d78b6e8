import type { FileFix, ParseFixes } from './fix-file.ts'

/** An array of `{ "mapping": …, "key": …, "values": { "<column>": "text" or null } }`; the mapping may be left out. */
export const parseJsonFixes: ParseFixes = (text) => {
  const value = parse(text)
  if (!Array.isArray(value)) return { fixes: [], mistakes: ['it is no JSON array'] }
  return collect(value.map((entry, i) => readFix(entry, `entry ${i + 1}`)))
}

/** The same, an object a line. */
export const parseJsonLinesFixes: ParseFixes = (text) => {
  const lines = text.split('\n').map((line, i) => ({ line: line.trim(), place: `line ${i + 1}` }))
  return collect(lines.filter(({ line }) => line !== '').map(({ line, place }) => readFix(parse(line), place)))
}

/** Undefined for what is no JSON: the engine's message quotes the text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readFix(entry: unknown, place: string): FileFix | string {
  if (!isObject(entry)) return `${place}: it is no JSON object`
  const { mapping, key, values, ...others } = entry
  const [other] = Object.keys(others)
  if (other !== undefined) return `${place}: ${other} is none of mapping, key, values`
  if (typeof key !== 'string' || key === '') return `${place}: the key is missing, or no text`
  if (mapping !== undefined && typeof mapping !== 'string') return `${place}: the mapping is no text`
  if (!isObject(values)) return `${place}: values is missing, or no object`
  const wrong = Object.keys(values).find((column) => values[column] !== null && typeof values[column] !== 'string')
  if (wrong !== undefined)
    return `${place}: the value of ${wrong} is neither a text nor null; write it as the text that the server reads`
  return { place, mapping, key, values: values as FileFix['values'] }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function collect(read: readonly (FileFix | string)[]): ReturnType<ParseFixes> {
  return {
    fixes: read.filter((entry) => typeof entry !== 'string'),
    mistakes: read.filter((entry) => typeof entry === 'string'),
  }
}
