import { type Explanation, kinds } from '../codes/kinds.ts'
import { wrap } from './wrap.ts'

/** A code for people, in lines of at most `width` characters. */
export function renderExplanation({ code, kind, entry }: Explanation, width: number): string {
  const { meaning, cause, remedy, exit } = entry
  const facts = { of: kind.title, cause, remedy, ...(exit !== undefined && { exit: `${exit}` }) }
  return [
    ...wrap('', `${code}: ${meaning}`, width),
    ...Object.entries(facts).flatMap(([name, text]) => wrap(`  ${`${name}:`.padEnd(8)}`, text, width)),
  ].join('\n')
}

/** Every code with its meaning, by kind, in lines of at most `width` characters. */
export function renderCodes(width: number): string {
  return kinds
    .map(({ title, met, entries }) =>
      [
        ...wrap('', `${title}. ${met}`, width),
        ...Object.entries(entries).flatMap(([code, { meaning }]) => wrap(`  ${code.padEnd(30)}`, meaning, width)),
      ].join('\n'),
    )
    .join('\n\n')
}
