/** A row of an answer, in words that both applications share: ids are the new ones. */
export interface Row {
  /** What names the row in an answer, e.g. `goal 7d4d…`. Sentences show it. */
  readonly key: string
  /** What the answer is ordered by; rows with the same may come in any order. Default: all may. */
  readonly order?: string
  /** What the answer says of the row, by name. Sentences show names, never values (I8). */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>
}

/** Rows that a sentence names before it only counts. */
const named = 3

/**
 * How an answer differs from the one that is expected, a sentence each. `expected` is complete and in order; of it the
 * answer holds the first `limit`. Among rows that tie for the last place the answer may choose.
 */
export function differences(
  question: string,
  expected: readonly Row[],
  actual: readonly Row[],
  limit = Number.POSITIVE_INFINITY,
): string[] {
  const due = expected.slice(0, limit)
  const mayChoose = expected.length > limit ? due.at(-1)?.order : undefined
  const wanted = new Map(expected.map((row) => [row.key, row]))
  const got = new Map(actual.map((row) => [row.key, row]))

  const missing = due.filter((row) => !got.has(row.key) && (mayChoose === undefined || row.order !== mayChoose))
  const surplus = actual.filter((row) => !wanted.has(row.key))
  const changed = actual.flatMap((row) => {
    const names = changedFacts(wanted.get(row.key), row)
    return names.length === 0 ? [] : [`${row.key} (${names.join(', ')})`]
  })
  const wrong: string[] = []
  if (missing.length > 0) wrong.push(`${question}: ${listed(missing.map(({ key }) => key))} missing`)
  if (surplus.length > 0) wrong.push(`${question}: ${listed(surplus.map(({ key }) => key))} too many`)
  if (changed.length > 0) wrong.push(`${question}: ${listed(changed)} different`)
  if (got.size < actual.length) wrong.push(`${question}: a row more than once`)
  if (wrong.length > 0) return wrong
  if (actual.length !== due.length) return [`${question}: ${actual.length} rows and not ${due.length}`]
  const place = due.findIndex(({ order }, at) => order !== actual[at]!.order)
  return place === -1 ? [] : [`${question}: another order from ${actual[place]!.key} on`]
}

function changedFacts(expected: Row | undefined, actual: Row): string[] {
  if (expected === undefined) return []
  const names = new Set([...Object.keys(expected.facts), ...Object.keys(actual.facts)])
  return [...names].filter((name) => expected.facts[name] !== actual.facts[name])
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, named).join(', ')
  return names.length > named ? `${shown} and ${names.length - named} more` : shown
}
