import { counted } from './check.ts'

/** What is wrong with one actor. */
interface WrongActor {
  /** Null of the only one, who has no key. */
  readonly actor: string | null
  readonly text: string
}

/** Who they are and what is wrong with each, of `count` in all: `m1, m2: refused · m3: wrote 1 row · and 4 more actors`. */
export function wrongActors(actors: readonly WrongActor[], count: number): string {
  const byText = Map.groupBy(actors, ({ text }) => text)
  const texts = [...byText].map(([text, of]) => {
    const keys = of.flatMap(({ actor }) => (actor === null ? [] : [actor]))
    return keys.length === 0 ? text : `${keys.join(', ')}: ${text}`
  })
  const more = count - actors.length
  return [...texts, ...(more > 0 ? [`and ${counted(more, 'more actor')}`] : [])].join(' · ')
}
