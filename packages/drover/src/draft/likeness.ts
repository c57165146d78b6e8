/** Words that tell what a column is of, and not which one: `joined` and `joined_at` are the same. */
const fillers = new Set(['id', 'at', 'on', 'is', 'has', 'the', 'of', 'fk', 'tbl', 'date', 'time', 'uuid', 'key'])

/** What schemas abbreviate, and words that they use for the same thing. */
const meanings: ReadonlyMap<string, string> = new Map(
  Object.entries({
    addr: 'address',
    amt: 'amount',
    cat: 'category',
    desc: 'description',
    descr: 'description',
    mail: 'email',
    modified: 'updated',
    changed: 'updated',
    no: 'number',
    nr: 'number',
    num: 'number',
    org: 'organisation',
    organization: 'organisation',
    qty: 'quantity',
    tel: 'phone',
    telephone: 'phone',
    ts: 'at',
    usr: 'user',
    val: 'value',
    zip: 'postcode',
  }),
)

/** The words of a name in lower case and in the singular: `tblOrderLines` is `order`, `line`. */
export function wordsOf(name: string): readonly string[] {
  const words = name
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== '' && word !== 'tbl')
  return words.map((word) => meanings.get(word) ?? singular(word))
}

function singular(word: string): string {
  if (word.length < 4 || /(ss|us|is)$/.test(word)) return word
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (/(x|ch|sh|ss)es$/.test(word)) return word.slice(0, -2)
  return word.replace(/s$/, '')
}

/**
 * How much two names say the same, from 0 to 1. Names that are equal but for their spelling are above 0.9, names with other
 * words beside the same ones below 0.8.
 *
 * @param context words that a name may say in addition: those of its table, in `book_title` of `books`.
 */
export function likeness(a: string, b: string, context: readonly string[] = []): number {
  if (a === b) return 1
  const [wordsA, wordsB] = [wordsOf(a), wordsOf(b)]
  if (same(wordsA, wordsB)) return 0.97
  const [bareA, bareB] = [wordsA, wordsB].map((words) => without(words, new Set(context)))
  if (same(bareA!, bareB!)) return 0.92
  const [coreA, coreB] = [bareA!, bareB!].map((words) => without(words, fillers))
  if (same(coreA!, coreB!)) return 0.9
  return Math.max(0.75 * shared(coreA!, coreB!), 0.7 * dice(pairsOf(coreA!.join('')), pairsOf(coreB!.join(''))))
}

/** The words without some of them, but never none. */
function without(words: readonly string[], left: ReadonlySet<string>): readonly string[] {
  const rest = words.filter((word) => !left.has(word))
  return rest.length === 0 ? words : rest
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.join('') === b.join('')
}

/** The part of the words that both have, where one may begin as the other. */
function shared(a: readonly string[], b: readonly string[]): number {
  const isIn = (word: string, words: readonly string[]) =>
    words.some((other) => other === word || (isStem(word, other) && isStem(other, word)))
  const common = a.filter((word) => isIn(word, b)).length + b.filter((word) => isIn(word, a)).length
  return common / (a.length + b.length)
}

/** Whether the shorter of two words, of three letters or more, begins the longer one. */
function isStem(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  return short.length >= 3 && long.startsWith(short)
}

function pairsOf(word: string): readonly string[] {
  return [...word].slice(1).map((letter, i) => word.charAt(i) + letter)
}

/** Dice's coefficient of two bags: L. R. Dice, Measures of the Amount of Ecologic Association Between Species (1945). */
export function dice(a: readonly string[], b: readonly string[]): number {
  if (a.length + b.length === 0) return 0
  const left = [...b]
  const common = a.filter((one) => {
    const at = left.indexOf(one)
    if (at >= 0) left.splice(at, 1)
    return at >= 0
  })
  return (2 * common.length) / (a.length + b.length)
}
