import { AssertionError } from 'node:assert'
import { differencesOf, type ExpectedOutcome, expectationOf } from './differences.ts'
import type { KeyedOutcome } from './outcome.ts'

/** Something that knows what became of the rows of its mappings: what `acceptance` returns. */
export interface WithDispositions<Names extends string> {
  readonly dispositions: { readonly [N in Names]: KeyedOutcome }
}

/**
 * Expects what became of the rows, by mapping: `{ users: { loaded: 10, quarantined: { 'no-email': 2 } } }`. Mappings
 * that are not named are not looked at.
 *
 * @throws AssertionError naming each count that is another, with keys of rows.
 */
export function expectDispositions<Names extends string>(
  result: WithDispositions<Names>,
  expected: { readonly [N in NoInfer<Names>]?: ExpectedOutcome },
): void {
  const wanted = Object.entries(expected) as [Names, ExpectedOutcome][]
  const lines = wanted.flatMap(([mapping, each]) => linesOf(mapping, each, result.dispositions[mapping]))
  if (lines.length === 0) return
  throw new AssertionError({
    message: ['What became of the rows is not what was expected.', ...lines].join('\n'),
    operator: 'expectDispositions',
    stackStartFn: expectDispositions,
  })
}

/**
 * Expects that no row was set aside, of any mapping or of those that are named.
 *
 * @throws AssertionError naming each cause, with keys of rows.
 */
export function expectNothingQuarantined<Names extends string>(
  result: WithDispositions<Names>,
  ...mappings: readonly NoInfer<Names>[]
): void {
  const names = mappings.length === 0 ? (Object.keys(result.dispositions) as Names[]) : mappings
  const lines = names.flatMap((mapping) => {
    const found = result.dispositions[mapping]
    if (found === undefined) return linesOf(mapping, {}, found)
    return linesOf(mapping, { ...expectationOf(found), quarantined: 0 }, found)
  })
  if (lines.length === 0) return
  throw new AssertionError({
    message: ['Rows were set aside.', ...lines].join('\n'),
    operator: 'expectNothingQuarantined',
    stackStartFn: expectNothingQuarantined,
  })
}

function linesOf(mapping: string, expected: ExpectedOutcome, found: KeyedOutcome | undefined): readonly string[] {
  if (found === undefined) return [`mapping ${mapping}: the migration has none of that name`]
  const lines = differencesOf(expected, found)
  return lines.length === 0 ? [] : [`mapping ${mapping}`, ...lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`)]
}
