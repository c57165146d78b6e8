import { randomFrom, type Source } from './random.ts'

/** A row of the generated set, with the person that it stands for. */
export interface PersonRow {
  readonly id: string
  readonly name: string | null
  readonly city: string | null
  readonly email: string | null
  /** Rows of one number are one person: the truth that suggestions are held against. */
  readonly person: number
}

/** One row in five repeats somebody. */
const repeatedShare = 0.2

/**
 * `rows` rows about people, a fifth of them about somebody who was there already, written by another hand: letters are
 * dropped, swapped and mistaken, accents added, words change places, values are missing. Names and cities are as uneven
 * as real ones, so that many people share a name, and some a name and a city. The same for the same seed.
 */
export function* generatePeople(rows: number, seed: number): Generator<PersonRow> {
  const random = randomFrom(seed)
  const firstNames = vocabulary(random, 1500, 2, 3)
  const lastNames = vocabulary(random, 40_000, 2, 4)
  const cities = vocabulary(random, 800, 2, 3)
  const known: Omit<PersonRow, 'id'>[] = []
  for (let i = 0; i < rows; i += 1) {
    // A key says nothing of the person.
    const id = `p${((i * 7_919) % 10_000_019).toString().padStart(8, '0')}`
    if (known.length > 0 && random.chance(repeatedShare)) {
      yield { id, ...rewritten(known[random.below(known.length)]!, random) }
      continue
    }
    const [first, last] = [pickUneven(firstNames, random), pickUneven(lastNames, random)]
    const number = random.chance(0.6) ? String(random.below(100)) : ''
    const local = random.chance(0.7) ? `${first}.${last}${number}` : `${first.slice(0, 1)}${last}${number}`
    const person = {
      name: `${capital(first)} ${capital(last)}`,
      city: capital(pickUneven(cities, random)),
      email: `${local}@${domains[random.below(domains.length)]}`,
      person: i,
    }
    // A sample of them can be repeated: the generator's memory does not grow with the rows.
    if (known.length < 50_000) known.push(person)
    else if (random.chance(0.25)) known[random.below(known.length)] = person
    yield { id, ...person }
  }
}

const domains = ['mail.test', 'post.test', 'example.org', 'example.com', 'work.test', 'firma.test', 'web.test']

/** The same person by another hand: one to three differences, each of one column. */
function rewritten(person: Omit<PersonRow, 'id'>, random: Source): Omit<PersonRow, 'id'> {
  let { name, city, email } = person
  const differences = 1 + random.below(3)
  for (let i = 0; i < differences; i += 1) {
    const which = random.below(10)
    if (which < 5) name = nameOf(name!, random)
    else if (which < 7) city = random.chance(0.15) ? null : spelt(city ?? '', random)
    else email = emailOf(email, random)
  }
  return { name, city: city === '' ? null : city, email, person: person.person }
}

function nameOf(name: string, random: Source): string {
  const which = random.below(10)
  const words = name.split(/,? /)
  if (which < 2 && words.length > 1) return `${words[1]}, ${words[0]}`
  if (which === 2 && words.length > 1) return `${words[0]!.slice(0, 1)}. ${words[1]}`
  if (which === 3) return random.chance(0.5) ? name.toUpperCase() : `  ${name.toLowerCase()} `
  return spelt(name, random)
}

function emailOf(email: string | null, random: Source): string | null {
  if (email === null || random.chance(0.2)) return null
  const [local, domain] = email.split('@')
  if (random.chance(0.3)) return `${local}@${domains[random.below(domains.length)]}`
  return `${spelt(local!, random)}@${domain}`
}

const accents: Readonly<Record<string, string>> = { a: 'á', e: 'é', i: 'í', o: 'ö', u: 'ü', n: 'ñ', c: 'ç' }

/** One letter dropped, swapped with the next, mistaken, doubled, or given an accent. */
function spelt(text: string, random: Source): string {
  if (text.length < 3) return text
  const at = random.below(text.length - 1)
  const [before, letter, after] = [text.slice(0, at), text[at]!, text.slice(at + 1)]
  switch (random.below(5)) {
    case 0:
      return before + after
    case 1:
      return before + after[0] + letter + after.slice(1)
    case 2:
      return before + 'abcdefghijklmnopqrstuvwxyz'[random.below(26)] + after
    case 3:
      return before + letter + letter + after
    default:
      return before + (accents[letter] ?? letter) + after
  }
}

const syllables = ['an', 'ber', 'ca', 'dor', 'el', 'fi', 'gra', 'hol', 'in', 'ja', 'ken', 'lu', 'mar', 'ne', 'or']
const endings = ['a', 'en', 'ski', 'mann', 'son', 'ez', 'ia', 'us', 'ton', 'li', 'rich', 'berg', 'ova', 'es', 'ard']
const middles = ['pa', 'qui', 'ro', 'sa', 'ti', 'ul', 'vi', 'we', 'xe', 'yo', 'zu', 'sch', 'br', 'st', 'mi', 'no', 'ga']

/** That many different words of so many syllables. */
function vocabulary(random: Source, size: number, least: number, most: number): readonly string[] {
  const words = new Set<string>()
  while (words.size < size) {
    let word = syllables[random.below(syllables.length)]!
    const length = least + random.below(most - least + 1)
    for (let i = 1; i < length; i += 1) word += middles[random.below(middles.length)]!
    words.add(word + endings[random.below(endings.length)])
  }
  return [...words]
}

/**
 * The first words far more often than the last ones: the commonest of 1,500 first names stands for 2.6 % of people, of
 * 40,000 last names for 0.5 %, of 800 cities for 3.5 %, which is about what a census finds.
 */
function pickUneven(words: readonly string[], random: Source): string {
  return words[Math.floor(words.length * random.next() ** 2)]!
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}
