import type { Check } from '../check/check.ts'
import type { EarlierRun } from '../check/earlier-run.ts'
import { addsUp, type Outlook } from '../check/outlook.ts'
import { stateWords } from '../ledger/state.ts'
import { type Counts, renderCounts } from './balance.ts'
import { describeKnown, renderFindings } from './check-findings.ts'
import { renderProfiles } from './profile-text.ts'

/**
 * A check, for people: where every row would go; what is wrong, what is worst first; and what stands in the tables. A
 * mapping whose sum does not hold is marked with ✗.
 */
export function renderCheck(check: Check, earlier: EarlierRun | undefined): string {
  const { mappings, profiles, leftOut } = check
  const sentences = (of: (outlook: Outlook) => readonly string[]) =>
    mappings.flatMap((outlook) => of(outlook).map((what) => `  - ${outlook.mapping}: ${what}`))
  const wrong = sentences(({ findings }) => findings)
  const unforeseen = [
    ...sentences(({ unforeseen }) => unforeseen),
    ...leftOut.map(({ mapping, why }) => `  - ${mapping}: ${why}`),
  ]
  const notChecked = sentences(({ notChecked }) => notChecked)
  const known = describeKnown(check).map((what) => `  - ${what}`)
  const findings = renderFindings(check)
  return [
    ...(earlier === undefined ? [] : [describeEarlier(earlier), '']),
    'A run of this migration would do with the rows as they are now:',
    '',
    renderCounts(
      mappings.map((outlook): Counts => ({ ...outlook, source: outlook.read, mark: addsUp(outlook) ? '' : '✗' })),
    ),
    ...(wrong.length === 0 ? [] : ['', 'Wrong:', ...wrong]),
    ...(findings === undefined ? ['', 'Nothing was found.'] : ['', findings]),
    ...(known.length === 0 ? [] : ['', 'To know:', ...known]),
    ...(profiles.length === 0 ? [] : ['', renderProfiles(profiles)]),
    ...(unforeseen.length === 0 ? [] : ['', 'Not foreseen:', ...unforeseen]),
    ...(notChecked.length === 0 ? [] : ['', 'Not checked:', ...notChecked]),
    '',
    'Nothing was changed.',
  ].join('\n')
}

function describeEarlier({ id, migration, state }: EarlierRun): string {
  const what = 'what it wrote stands in the target, and counts below as rows that stood there before'
  return `Run ${id} of ${migration} is ${stateWords(state)}: ${what}.`
}
