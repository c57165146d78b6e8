import { type Claim, holds, timesAsLong } from './claim.ts'
import { type Measured, medianPhases } from './measure.ts'
import { medianOf } from './median.ts'
import type { Conditions, MeasuredTable, PartResult } from './part.ts'

/** What a part found, as text. */
export function renderResult({ conditions, tables, claims, notes = [], missing = [] }: PartResult): string {
  return [
    ...renderConditions(conditions),
    ...tables.map(renderMeasured),
    ...(claims.length > 0 ? [claims.map(renderClaim).join('\n')] : []),
    ...(notes.length > 0 ? [notes.map((note) => `  ${note}`).join('\n')] : []),
    ...missing.map((what) => `Not measured: ${what}`),
  ].join('\n\n')
}

function renderConditions({ versions, settings = {} }: Conditions): readonly string[] {
  const lines = [versions, settings].map((named) => Object.entries(named).map(([name, what]) => `${name} ${what}`))
  const said = lines.filter((line) => line.length > 0).map((line) => `  ${line.join(', ')}`)
  return said.length === 0 ? [] : [said.join('\n')]
}

/** A line a variant: median, fastest and slowest round, its time beside the first one's, rows a second, memory. */
function renderMeasured({ title, measured }: MeasuredTable): string {
  const [first] = measured
  const lines = measured.map((each) => {
    const { name, rows, seconds, outcomes } = each
    const peaks = outcomes.flatMap(({ peakBytes }) => peakBytes ?? [])
    return [
      name,
      `${medianOf(seconds).toFixed(2)} s`,
      `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`,
      `${timesAsLong(measured, name, first!.name).toFixed(2)}x`,
      rows === undefined ? '' : rows.toLocaleString('en'),
      rows === undefined ? '' : Math.round(rows / medianOf(seconds)).toLocaleString('en'),
      peaks.length === 0 ? '' : `${(Math.max(...peaks) / 1e6).toFixed(0)} MB`,
    ]
  })
  const heads = [title, 'median', 'range', 'time', 'rows', 'rows/s', 'memory']
  return [...alignColumns([heads, ...lines]), ...measured.flatMap(renderPhases)].join('\n')
}

function renderPhases(measured: Measured): readonly string[] {
  const phases = Object.entries(medianPhases(measured))
  if (phases.length === 0) return []
  return [`  ${measured.name}: ${phases.map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`).join(' · ')}`]
}

/** A claim with its limit, and whether it holds. */
export function renderClaim(claim: Claim): string {
  const { says, value, atLeast, atMost, unit = '' } = claim
  const verdict = holds(claim)
  if (Number.isNaN(value)) return `  –     ${says}: not measured`
  const limit =
    atLeast !== undefined ? ` (at least ${atLeast}${unit})` : atMost !== undefined ? ` (at most ${atMost}${unit})` : ''
  const mark = verdict === undefined ? '     ' : verdict ? 'holds' : 'FAILS'
  return `  ${mark} ${says}: ${value.toFixed(2)}${unit}${limit}`
}

/** The first column to the left, the others to the right; columns that are empty throughout are left out. */
export function alignColumns(lines: readonly (readonly string[])[]): readonly string[] {
  const used = lines[0]!.map((_, column) => lines.slice(1).some((line) => line[column] !== ''))
  const kept = lines.map((line) => line.filter((_, column) => used[column]))
  const widths = kept[0]!.map((_, column) => Math.max(...kept.map((line) => line[column]!.length)))
  return kept.map((line) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  )
}
