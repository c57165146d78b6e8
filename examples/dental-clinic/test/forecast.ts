import type { CountForecast, Forecast } from '../../../packages/drover/src/rehearsal/forecast.ts'
import type { Manifest } from '../generator/manifest.ts'

/** How many counts of the manifest were compared with their forecast, and those outside of the range, a sentence each. */
export function compareForecast({ mappings }: Forecast, manifest: Manifest) {
  const outside: string[] = []
  let compared = 0
  for (const [name, expected] of Object.entries(manifest.mappings)) {
    const mapping = mappings.find((each) => each.mapping === name)
    if (mapping === undefined) throw new Error(`${name} is not forecast.`)
    const compare = (what: string, count: number, ranges: readonly CountForecast[]) => {
      compared++
      // A code that several columns may have is found in the same rows by all that have it at all.
      const seen = ranges.filter((range) => range.seen > 0)
      const inside = (seen.length > 0 ? seen : ranges).every(({ least, most }) => least <= count && count <= most)
      const isInside = ranges.length === 0 ? count === 0 : inside
      const told = ranges.map(({ least, most }) => `${least} to ${most}`).join(', ') || 'none'
      if (!isInside) outside.push(`${name}, ${what}: ${count} in the manifest, ${told} forecast`)
    }
    for (const what of ['loaded', 'merged', 'matched', 'quarantined', 'excluded'] as const) {
      compare(
        what,
        expected[what],
        mapping.dispositions.filter((each) => each.what === what),
      )
    }
    const outcomes = { quarantine: expected.quarantinedBy, correct: expected.correctedBy, note: expected.notedBy }
    for (const [outcome, codes] of Object.entries(outcomes)) {
      for (const [code, ids] of Object.entries(codes)) {
        const ranges = mapping.codes.filter((each) => each.outcome === outcome && each.what === code)
        compare(`${outcome} ${code}`, ids.length, ranges)
      }
    }
  }
  return { compared, outside }
}
