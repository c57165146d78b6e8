import { styleText } from 'node:util'
import { type DroverError, factsOf } from '../error.ts'
import { wrap } from './wrap.ts'

/** The widest line: help is as wide. */
const widest = 100

/**
 * The error for a terminal: lines of its width, under hanging indents; what is found of one mapping, or of one hazard,
 * stands under its name. All of it is shown: who mends a definition wants to know every place.
 */
export function drawError(error: DroverError, terminal: NodeJS.WriteStream): string {
  const width = Math.min(terminal.columns || widest, widest)
  const paint = (format: Parameters<typeof styleText>[0], text: string) => styleText(format, text, { stream: terminal })
  const code = `[${error.code}]`
  const [findings, facts] = [drawFindings(error.findings, width, paint), factsOf(error)]
  return [
    ...wrap('', `${error.what} ${code}`, width).map((line) => line.replace(code, paint('red', code))),
    ...(findings.length === 0 ? [] : ['', ...findings, ...(facts.length === 0 ? [] : [''])]),
    ...facts.flatMap(([name, text]) => drawFact(name, text, width, paint)),
  ].join('\n')
}

type Paint = (format: Parameters<typeof styleText>[0], text: string) => string

function drawFact(name: string, text: string, width: number, paint: Paint): readonly string[] {
  const head = `  ${`${name}:`.padEnd(8)}`
  // Compilers and loaders tell why in several lines.
  const lines = text.split('\n').flatMap((line, i) => wrap(i === 0 ? head : ' '.repeat(head.length), line, width))
  return lines.map((line, i) => (i === 0 ? paint('bold', head) + line.slice(head.length) : line))
}

function drawFindings(findings: readonly string[], width: number, paint: Paint): readonly string[] {
  const groups = Map.groupBy(findings, placeOf)
  const isGrouped = [...groups].some(([place, group]) => place !== '' && group.length > 1)
  if (!isGrouped) return findings.flatMap((finding) => wrap('  - ', finding, width))
  return [...groups].flatMap(([place, group]) => [
    ...(place === '' ? [] : [`  ${paint('bold', place)}`]),
    ...group.flatMap((finding) => wrap(place === '' ? '  - ' : '    - ', withoutPlace(finding, place), width)),
  ])
}

/** What a finding begins with, where that is a name that others may begin with too: `mapping clinics`, `merges-rows`. */
function placeOf(finding: string): string {
  return /^(?:(?:mapping|check|table|schema) [^\s:,]+(?=[:,] )|[a-z]+(?:-[a-z]+)*(?=: ))/.exec(finding)?.[0] ?? ''
}

function withoutPlace(finding: string, place: string): string {
  return place === '' ? finding : finding.slice(place.length + ': '.length)
}
