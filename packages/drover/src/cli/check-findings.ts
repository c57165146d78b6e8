import type { Check } from '../check/check.ts'
import { addsUp, type Outlook } from '../check/outlook.ts'
import type { Violation } from '../check/violation.ts'
import type { RuleKind } from '../codes/rules.ts'
import { renderCount } from '../report/figures.ts'
import { showInvisible } from '../report/invisible.ts'
import { outcomeWords } from '../report/words.ts'
import { renderTable } from './table.ts'

/** How bad a finding is, worst first. */
const severities = ['fails', 'refused', 'set aside', 'corrected', 'noted', 'to know'] as const

interface Finding {
  readonly severity: (typeof severities)[number]
  readonly what: string
  readonly mapping: string
  readonly column: string
  readonly rows: bigint
}

/**
 * All findings in one table, those that make a run fail first, and of one kind the largest; undefined where there are
 * none.
 */
export function renderFindings(check: Check): string | undefined {
  const findings = [...check.mappings.flatMap(findingsOf), ...guessedFindings(check)]
  if (findings.length === 0) return undefined
  const sorted = findings.toSorted(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      (a.rows === b.rows ? 0 : a.rows > b.rows ? -1 : 1),
  )
  return renderTable({
    columns: [
      { title: '', align: 'left' },
      { title: 'code', align: 'left' },
      { title: 'mapping', align: 'left' },
      { title: 'column', align: 'left' },
      { title: 'rows', align: 'right' },
    ],
    rows: sorted.map(({ severity, what, mapping, column, rows }) => [
      severity,
      what,
      mapping,
      column,
      renderCount(rows),
    ]),
  })
}

function findingsOf(outlook: Outlook): readonly Finding[] {
  const { mapping, codes, violations, duplicates, orphans } = outlook
  return [
    ...(addsUp(outlook) ? [] : [{ severity: 'fails' as const, what: 'sum', mapping, column: '', rows: outlook.read }]),
    ...violations.map((violation) => ({ ...nameOf(violation), mapping, rows: violation.rows })),
    ...codes.map(({ outcome, code, column, rows }) => ({
      severity: outcomeWords[outcome],
      what: code,
      mapping,
      column,
      rows,
    })),
    ...orphans.map(({ parent, reads, rows }) => ({
      severity: 'to know' as const,
      what: `no row in ${parent}`,
      mapping,
      column: reads.join(', '),
      rows,
    })),
    ...(duplicates !== null && duplicates.extra > 0n
      ? [{ severity: 'to know' as const, what: 'duplicates', mapping, column: '', rows: duplicates.extra }]
      : []),
  ]
}

/** Rules over which the run itself fails. */
const failing: ReadonlySet<RuleKind> = new Set(['key-null', 'key-twice', 'match-twice'])

/** A constraint by its name, any other rule by its kind and column. */
function nameOf({ kind, constraint, columns }: Violation): Pick<Finding, 'severity' | 'what' | 'column'> {
  const severity = failing.has(kind) ? 'fails' : 'refused'
  const isNamed = kind === 'check' || kind === 'unique' || kind === 'foreign-key'
  return { severity, what: isNamed ? (constraint ?? kind) : kind, column: columns.join(', ') }
}

function guessedFindings({ guessed }: Check): readonly Finding[] {
  return guessed.map(({ table, column, parent, rows }) => ({
    severity: 'to know',
    what: `no row in ${parent} (guessed)`,
    mapping: table,
    column,
    rows,
  }))
}

/** What is only to be known, with keys: references that lead nowhere, and duplicates. */
export function describeKnown({ mappings, guessed }: Check): readonly string[] {
  return [
    ...mappings.flatMap(({ mapping, orphans }) =>
      orphans.map(({ kind, parent, reads, rows, keys }) => {
        const declared = kind === 'foreign-key' ? '' : ', which no foreign key of the source declares'
        return `${mapping}: ${rowsRefer(rows)} by ${reads.join(', ')} to no row of ${parent}${declared}. ${listKeys(keys, rows)}`
      }),
    ),
    ...guessed.map(
      ({ table, column, parent, rows, keys }) =>
        `${table}: ${rowsRefer(rows)} by ${column} to no row of ${parent}, if that is what it means: its name alone says so. ${listKeys(keys, rows)}`,
    ),
    ...mappings.flatMap(({ mapping, duplicates }) =>
      duplicates === null || duplicates.extra === 0n
        ? []
        : [
            `${mapping}: ${renderCount(duplicates.groups)} ${duplicates.groups === 1n ? 'group' : 'groups'} of rows that are the same by its identity, the largest of ${renderCount(duplicates.largest)} rows. ${listKeys(duplicates.keys, duplicates.groups)}`,
          ],
    ),
  ]
}

function rowsRefer(rows: bigint): string {
  return rows === 1n ? '1 row refers' : `${renderCount(rows)} rows refer`
}

function listKeys(keys: readonly string[], all: bigint): string {
  if (keys.length === 0) return ''
  const more = all - BigInt(keys.length)
  return `Source key${all === 1n ? '' : 's'}: ${keys.map(showInvisible).join(', ')}${more > 0n ? ` and ${renderCount(more)} more` : ''}.`
}
