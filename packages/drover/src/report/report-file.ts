import { DroverError } from '../error.ts'
import type { CheckableReport } from './check-report.ts'

/** What a value must be, as far as a check reads it. */
type Shape = keyof typeof kinds | readonly [Shape] | { readonly [name: string]: Shape }

const kinds = {
  text: (value: unknown) => typeof value === 'string',
  'whole number in a text': (value: unknown) => typeof value === 'string' && /^-?\d{1,40}$/.test(value),
  'whole number in a text, or null': (value: unknown) => value === null || kinds['whole number in a text'](value),
  'text or null': (value: unknown) => value === null || kinds.text(value),
  'true or false': (value: unknown) => typeof value === 'boolean',
  object: (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value),
} as const

const counts = {
  loaded: 'whole number in a text',
  merged: 'whole number in a text',
  matched: 'whole number in a text',
  quarantined: 'whole number in a text',
  excluded: 'whole number in a text',
  chunks: 'whole number in a text',
  chunksDone: 'whole number in a text',
} as const

const report: Shape = {
  verdict: {
    sourceRows: 'whole number in a text',
    rowsInTarget: 'whole number in a text',
    rowsLeftOut: 'whole number in a text',
  },
  run: {
    id: 'whole number in a text',
    migration: 'text',
    planHash: 'text',
    drover: 'text',
    startedBy: 'text',
    createdAt: 'text',
    startedAt: 'text or null',
    settings: 'object',
  },
  mappings: [{ name: 'text', ...counts, sourceRows: 'whole number in a text, or null', balances: 'true or false' }],
  quarantine: [{ mapping: 'text', rows: 'whole number in a text' }],
  evidence: {
    readAt: 'text',
    readBy: 'text',
    segments: [
      {
        mapping: 'text',
        first: 'whole number in a text',
        last: 'whole number in a text',
        adjustments: 'whole number in a text',
        read: 'whole number in a text',
        ...counts,
        finishedAt: 'text or null',
        digest: 'text',
      },
    ],
    chain: 'text',
    seal: 'text',
  },
}

/** A report as a file holds it. */
export interface ReportFile {
  readonly report: CheckableReport
  /** Whether a member stands in it twice: readers differ about which of both counts. */
  readonly repeats: boolean
}

/**
 * Reads a report from the text of a file, as far as a check looks at it: what else it may hold is the schema's matter.
 *
 * @throws DroverError `usage-invalid` where it is none, or one of a version that is not known here.
 */
export function parseReport(text: string, file: string): ReportFile {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw noReport(file, 'it is not JSON')
  }
  const version = kinds.object(value) ? (value as { readonly version?: unknown }).version : undefined
  if (version !== 1)
    throw noReport(
      file,
      version === undefined ? 'it has no version' : 'it is of a version that this drover does not know',
    )
  const departure = departureFrom(report, value, 'the report')
  if (departure !== undefined) throw noReport(file, departure)
  return { report: value as CheckableReport, repeats: countMembers(text) !== membersOf(value) }
}

function noReport(file: string, why: string): DroverError {
  return new DroverError('usage-invalid', 'The file is no report of drover.', {
    where: file,
    why,
    remedy: 'Give a file that drover report has written as JSON: drover report --out report.json.',
  })
}

/** The first place at which a value is not of its shape, as a sentence's part. */
function departureFrom(shape: Shape, value: unknown, at: string): string | undefined {
  if (typeof shape === 'string') return kinds[shape](value) ? undefined : `${at} is no ${shape}`
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return `${at} is no list`
    return firstOf(value.map((each, i) => [shape[0], each, `${at}[${i}]`]))
  }
  if (!kinds.object(value)) return `${at} is no object`
  const members = value as Readonly<Record<string, unknown>>
  return firstOf(Object.entries(shape).map(([name, of]) => [of, members[name], `${at}.${name}`]))
}

function firstOf(parts: readonly (readonly [Shape, unknown, string])[]): string | undefined {
  for (const [shape, value, at] of parts) {
    const departure = departureFrom(shape, value, at)
    if (departure !== undefined) return departure
  }
  return undefined
}

/** Members of all objects, as they are written: a text before a colon. */
function countMembers(json: string): number {
  let members = 0
  for (const [, colon] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g)) if (colon !== undefined) members += 1
  return members
}

function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const children = Object.values(value)
  return children.reduce((sum, child) => sum + membersOf(child), Array.isArray(value) ? 0 : children.length)
}
