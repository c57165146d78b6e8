import { capabilitiesOf } from '../catalog/capabilities.ts'
import type { RowClass } from '../plan/plan.ts'
import { withinAllowance } from './allowance.ts'
import { capitalized, counted, type MappingSubject } from './check.ts'
import { classesSince, countOf, type DifferingRow, faultClasses, isSince, type RowAccount } from './row-account.ts'
import { comparisonQuery } from './row-query.ts'
import type { Finding } from './verification.ts'

interface Judging {
  readonly expected: string
  readonly afterCutover: boolean
}

/** The finding of a comparison of all rows of a mapping. */
export function judgeRows(
  { runId, plan, mapping, table, tally }: MappingSubject,
  account: RowAccount,
  { expected, afterCutover }: Judging,
): Finding {
  const since = countOf(account, classesSince)
  const differing = countOf(account, faultClasses) + since
  const common = { check: 'row comparison', mapping: mapping.name, expected } as const
  if (differing === 0n) {
    const detail = [
      'Each row has the disposition, and each loaded row the values, that the transform makes of its source row',
      ...besides(account),
    ]
    return { ...common, verdict: 'pass', actual: expected, detail: `${detail.join('; ')}.` }
  }
  const isTold = capabilitiesOf(table).comparesVersions
  // Rows that no one has touched bear the run's transactions, unless the table was written anew, or lies on other nodes.
  const isUnknown = account.isUnknown && (tally.loaded > differing || !isTold)
  const changed = countOf(account, ['changed since'])
  const tolerated = afterCutover ? since - (isUnknown ? changed : 0n) : 0n
  const faults = differing - tolerated
  const isAllowed = faults > 0n && withinAllowance(plan.allow['row comparison'], faults, tally.loaded)
  const shown = faults === 0n || tolerated === 0n ? account.rows : account.rows.filter((row) => !isSince(row.class))
  const named = shown.map(nameOf).join('; ')
  const more = (faults === 0n ? differing : faults) - BigInt(shown.length)
  const list = `${named}${more > 0n ? ` and ${more} more` : ''}`
  const story = sinceLoad(account)
  const detail = [
    ...(faults === 0n
      ? [`${capitalized(story)}: ${list}`]
      : [`Rows are not what the transform makes of their source rows: ${list}`, ...(tolerated > 0n ? [story] : [])]),
    ...(isAllowed ? [`the migration allows ${faults === 1n ? 'it' : 'them'}`] : []),
    ...(isUnknown
      ? [
          `${isTold ? 'the target was written anew since the load' : 'rows of the target bear no transaction that tells who wrote them'}, so that what others changed cannot be told from what the run wrote`,
        ]
      : []),
    ...besides(account),
  ]
  return {
    ...common,
    verdict: faults === 0n || isAllowed ? 'warn' : 'fail',
    actual: `${counted(differing, 'row')} ${differing === 1n ? 'differs' : 'differ'}: ${classesOf(account)}`,
    detail: `${detail.join('; ')}.`,
    sample: shown.map(({ sample }) => sample),
    query: comparisonQuery(runId, mapping.comparison!),
  }
}

/** `7 (different: price)`, `20 (deleted since)`. */
function nameOf({ key, class: name, columns }: DifferingRow): string {
  const named = name === 'different' || name === 'changed since' ? `: ${columns.join(', ')}` : ''
  return `${key} (${name}${named})`
}

function classesOf(account: RowAccount): string {
  return [...faultClasses, ...classesSince]
    .map((name) => [name, countOf(account, [name])] as const)
    .filter(([, n]) => n > 0n)
    .map(([name, n]) => `${n} ${name}`)
    .join(', ')
}

/** What others did since the load: `the application changed 3 and deleted 1 since the load, and 2 came to the source`. */
function sinceLoad(account: RowAccount): string {
  const parts = (verbs: readonly (readonly [string, RowClass, string])[]) =>
    verbs.flatMap(([before, name, after]) => {
      const n = countOf(account, [name])
      return n === 0n ? [] : [`${before}${n}${after}`]
    })
  const inTarget = parts([
    ['changed ', 'changed since', ''],
    ['deleted ', 'deleted since', ''],
  ])
  const inSource = parts([
    ['', 'no disposition', ' came to the source'],
    ['', 'no source row', ' went from the source'],
  ])
  return [
    ...(inTarget.length === 0 ? [] : [`the application ${inTarget.join(' and ')} since the load`]),
    ...(inSource.length === 0 ? [] : [`${inSource.join(' and ')}${inTarget.length === 0 ? ' since the load' : ''}`]),
  ].join(', and ')
}

/** What is no difference, and is told. */
function besides({ equivalentIn, agreed }: RowAccount): readonly string[] {
  return [
    ...Object.entries(equivalentIn).map(
      ([column, n]) => `${counted(BigInt(n), 'row')} ${n === '1' ? 'is' : 'are'} equivalent in ${column}`,
    ),
    ...(agreed === 0
      ? []
      : [
          `${counted(agreed, 'row')} differed and agreed when ${agreed === 1 ? 'it was' : 'they were'} looked at again`,
        ]),
  ]
}
