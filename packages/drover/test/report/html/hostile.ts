import type { Report } from '../../../src/report/report.ts'

/** Texts that name a kind, a state or a check: they come from drover's own lists, never from a database. */
const ownWords = new Set(
  [
    [
      'carriedOut',
      'verification',
      'holds',
      'state',
      'outcome',
      'kind',
      'verdict',
      'action',
      'limit',
      'change',
      'decision',
    ],
    ['check', 'change'],
  ].flat(),
)

/** Counts and sums, and instants. */
const figure = /^-?\d+([.]\d+)?$|^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** The report with `text(path)` in the place of every text that may come from elsewhere, names of fields among them. */
export function withTexts(report: Report, text: (path: string) => string): Report {
  return replace(report, '', text) as Report
}

/** Fields whose own names come from a database or from a migration. */
const namedByOthers = /\.(values|key|source|target|decisions|detail)$/

function replace(value: unknown, path: string, text: (path: string) => string): unknown {
  if (typeof value === 'string') {
    const field = path.slice(path.lastIndexOf('.') + 1)
    return figure.test(value) || ownWords.has(field) ? value : text(path)
  }
  if (Array.isArray(value)) return value.map((each, i) => replace(each, `${path}[${i}]`, text))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const own = `${path}.${key}`
      return [namedByOthers.test(path) ? text(`${own}!`) : key, replace(each, own, text)]
    }),
  )
}
