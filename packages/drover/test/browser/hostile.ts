import type { Report } from '../../src/report/report.ts'

/** Characters that turn a line around, and hide what it says. */
export const turns = /[\u202A-\u202E\u2066-\u2069]/

const tricks = [
  `<script>document.title = 'ran'; alert('ran')</script>`,
  `"'><img src=x onerror="alert('ran')">`,
  `</td></table></main><svg onload="alert('ran')">`,
  'W'.repeat(3000),
  '\u202Eمرحبا بالعالم، هذا سطر طويل من اليمين إلى اليسار\u202C',
  '{{constructor}} &lt;b&gt; \u0000\u0007 `',
]

/** Where names, keys and sentences stand that come from a database or from a migration file. */
const named = new Set(
  'mapping name code column columns detail answer sampleKeys key survivor source target actor startedBy migration table constraint query commands why what rule actual expected'.split(
    ' ',
  ),
)

/** A report in which whatever may hold a trick holds one; the same name is the same everywhere. */
export function hostileOf(report: Report): Report {
  let number = 0
  const tricked = new Map<string, string>()
  const trick = (text: string) => {
    if (!tricked.has(text)) tricked.set(text, `${text}${tricks[number++ % tricks.length]}`)
    return tricked.get(text)!
  }
  const through = (value: unknown, key: string): unknown => {
    // An int8 is text too.
    if (typeof value === 'string') return named.has(key) && !/^-?\d+$/.test(value) ? trick(value) : value
    if (Array.isArray(value)) return value.map((each) => through(each, key))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, through(each, name)]))
  }
  return through(report, '') as Report
}

/** As many causes of quarantine. */
export function withCauses(report: Report, causes: number): Report {
  const [group] = report.quarantine
  return {
    ...report,
    quarantine: Array.from({ length: causes }, (_, i) => ({ ...group!, code: `${group!.code}-${i}` })),
  }
}
