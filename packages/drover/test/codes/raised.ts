import { readdirSync, readFileSync } from 'node:fs'

/** A place of the source at which an error is made, with its arguments as they are written. */
export interface Raised {
  /** `run/start.ts:57` */
  readonly place: string
  readonly code: string
  readonly what: string
  /** Empty where there are none. */
  readonly details: string
}

const source = new URL('../../src/', import.meta.url)

/** The files of the package's source, by path. */
export const sources: ReadonlyMap<string, string> = new Map(
  readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file, readFileSync(new URL(file, source), 'utf8')]),
)

/** Every `new DroverError(…)` of the source, and every `asDroverError(thrown, …)`. */
export function raisedErrors(): readonly Raised[] {
  return [...sources].flatMap(([file, text]) =>
    [...text.matchAll(/new DroverError\(|(?<!function )asDroverError\(/g)].map((found) => {
      const place = `${file}:${text.slice(0, found.index).split('\n').length}`
      const all = argumentsAt(text, found.index + found[0].length)
      const [code = '', what = '', details = ''] = found[0].startsWith('as') ? all.slice(1) : all
      return { place, code, what, details: found[0].startsWith('as') ? `{ where: ${details} }` : details }
    }),
  )
}

/** The arguments of a call, from the sign after its bracket: commas and brackets within texts are none. */
export function argumentsAt(text: string, start: number): readonly string[] {
  const found: string[] = []
  let [from, depth] = [start, 0]
  for (let i = start; i < text.length; i++) {
    const sign = text[i]!
    if (`'"\``.includes(sign)) i = endOfText(text, i)
    else if ('([{'.includes(sign)) depth++
    else if (')]}'.includes(sign) && depth-- > 0) continue
    else if (depth < 0 || (sign === ',' && depth === 0)) {
      const argument = text.slice(from, i).trim()
      if (argument !== '') found.push(argument)
      from = i + 1
      if (depth < 0) return found
    }
  }
  throw new Error(`The call at ${start} has no end.`)
}

/** The place of the quote that ends the text which begins at `start`. */
function endOfText(text: string, start: number): number {
  const quote = text[start]!
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (quote === '`' && text.startsWith('${', i)) i = endOfHole(text, i + 2)
    else if (text[i] === quote) return i
  }
  throw new Error(`The text at ${start} has no end.`)
}

function endOfHole(text: string, start: number): number {
  let depth = 0
  for (let i = start; i < text.length; i++) {
    if (`'"\``.includes(text[i]!)) i = endOfText(text, i)
    else if (text[i] === '{') depth++
    else if (text[i] === '}' && depth-- === 0) return i
  }
  throw new Error(`The hole at ${start} has no end.`)
}
