import { showInvisible } from '../report/invisible.ts'
import { type CheckName, checkNames, type Finding, type SampleRow, type Verification } from '../verify/verification.ts'
import { renderTable } from './table.ts'

/** A verification for people: the verdict, each check in a line, each finding that is no pass, and what was not checked. */
export function renderVerification({ runId, verdict, findings, notChecked }: Verification): string {
  const checks = checkNames.flatMap((check) => checkRow(check, findings))
  const remarks = findings.filter((finding) => finding.verdict === 'fail' || finding.verdict === 'warn')
  return [
    `Run ${runId}: ${verdict}.`,
    '',
    renderTable({
      columns: [
        { title: 'check', align: 'left' },
        { title: 'verdict', align: 'left' },
        { title: 'passed', align: 'left' },
      ],
      rows: checks,
    }),
    ...(remarks.length === 0 ? [] : ['', 'Findings:', ...remarks.flatMap(remarkLines)]),
    ...(notChecked.length === 0 ? [] : ['', 'Not checked:', ...notChecked.map((sentence) => `  - ${sentence}`)]),
  ].join('\n')
}

/** The worst verdict of a check over all mappings, and how many of its findings pass: `19`, or `17 of 19, 4 not run`. */
function checkRow(check: CheckName, findings: readonly Finding[]): readonly (readonly string[])[] {
  const verdicts = findings.filter((finding) => finding.check === check).map((finding) => finding.verdict)
  const worst = (['fail', 'warn', 'pass'] as const).find((verdict) => verdicts.includes(verdict))
  if (worst === undefined) return []
  const passed = verdicts.filter((verdict) => verdict === 'pass').length
  const notRun = verdicts.filter((verdict) => verdict === 'not run').length
  const asked = verdicts.length - notRun
  const counts = passed === asked ? String(passed) : `${passed} of ${asked}`
  return [[check, worst, notRun === 0 ? counts : `${counts}, ${notRun} not run`]]
}

/** A finding that is no pass, with the rows that show it and what shows all of them. */
export function remarkLines(finding: Finding): readonly string[] {
  const { check, mapping, rule, verdict, expected, actual, detail, sample = [], query } = finding
  const where = rule !== undefined ? `${check}, ${rule}` : mapping === null ? check : `${check}, mapping ${mapping}`
  const counts = expected === null && actual === null ? '' : ` Expected ${expected ?? '–'}, found ${actual ?? '–'}.`
  return [
    `  - ${verdict}: ${where}: ${showInvisible(detail)}${counts}`,
    ...sample.map((row) => `      ${showInvisible(renderSampleRow(row))}`),
    ...(query === undefined ? [] : queryLines(query)),
  ]
}

/** Lines of a query that a terminal shows at most: what a reader looks for must not scroll away. */
const shownLines = 12

function queryLines(query: string): readonly string[] {
  const lines = query.split('\n')
  if (lines.length > shownLines || lines.some((line) => line.length > 200)) {
    return ['    All of them, with their values: by the query in drover report, or with --json.']
  }
  return ['    All of them, with their values:', ...lines.map(indent)]
}

function indent(line: string): string {
  return `      ${line}`
}

/** `clinic 4f2a…, month 2025-03-01: total 9,999.99 in the source, 999.99 in the target`; values are masked already. */
function renderSampleRow({ key, fault, source, target }: SampleRow): string {
  const name = Object.entries(key).map(([column, value]) => `${column} ${value ?? 'null'}`)
  const sides = [
    ...(source === undefined ? [] : [`${renderSide(source)} in the source`]),
    ...(target === undefined ? [] : [`${renderSide(target)} in the target`]),
  ]
  const what = [...(fault === undefined ? [] : [fault]), ...sides]
  return what.length === 0 ? name.join(', ') : `${name.join(', ')}: ${what.join(', ')}`
}

function renderSide(values: Readonly<Record<string, string | null>> | null): string {
  if (values === null) return 'no row'
  const columns = Object.entries(values).map(([column, value]) => `${column} ${value ?? 'null'}`)
  return columns.length === 0 ? 'a row' : columns.join(' ')
}
