import type { ReportCourse } from '../course.ts'
import { renderCount, renderDuration } from '../figures.ts'
import type { ReportRebuild } from '../rebuilds.ts'
import { renderName } from './label.ts'

/** What a part of a line shows. */
export type SegmentKind = 'prepare' | 'load' | 'close' | 'index' | 'foreign-key' | 'statistics'

/** What was done from when to when, in milliseconds since 1970. */
export interface Segment {
  readonly kind: SegmentKind
  readonly from: number
  readonly to: number
}

/** A mapping or an object on the axis of time. */
export interface TimeLine {
  readonly name: string
  /** How long each of its parts took, in words. */
  readonly hint: string
  /** Null where it has not come to its end. */
  readonly ms: number | null
  readonly segments: readonly Segment[]
}

/** A line for each mapping, then one for each thing that was made after the load; none where nothing was begun. */
export function buildLines(courses: readonly ReportCourse[], rebuilds: readonly ReportRebuild[]): readonly TimeLine[] {
  const made = rebuilds.map(rebuildLine).filter((line) => line !== undefined)
  return [...courses.map(courseLine).filter((line) => line !== undefined), ...made.sort((a, b) => start(a) - start(b))]
}

/** At most `most` lines: the longest, in their order, and one that stands for all others. */
export function shortenLines(lines: readonly TimeLine[], most: number): readonly TimeLine[] {
  if (lines.length <= most) return lines
  const longest = new Set([...lines].sort((a, b) => length(b) - length(a)).slice(0, most - 1))
  const others = lines.filter((line) => !longest.has(line))
  const segments = others.flatMap((line) => line.segments)
  // One segment of each kind, from the first of them to the last: how much lies in between does not show in one line.
  const kinds = [...new Set(segments.map(({ kind }) => kind))]
  const joined = kinds.map((kind) => {
    const own = segments.filter((segment) => segment.kind === kind)
    return {
      kind,
      from: own.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY),
      to: own.reduce((latest, { to }) => Math.max(latest, to), 0),
    }
  })
  const name = `${renderCount(others.length)} more, each shorter`
  const ms = others.some((line) => line.ms === null)
    ? null
    : Math.max(...joined.map(({ to }) => to)) - Math.min(...joined.map(({ from }) => from))
  return [
    ...lines.filter((line) => longest.has(line)),
    { name, hint: 'from the first that began to the last that ended', ms, segments: joined },
  ]
}

function courseLine({ mapping, preparedAt, firstChunkAt, lastChunkAt, closedAt }: ReportCourse): TimeLine | undefined {
  const begun = preparedAt ?? firstChunkAt
  if (begun === null) return undefined
  // A mapping without a row has no chunk: it is closed right after it was prepared.
  const segments = [
    ...segment('prepare', preparedAt, firstChunkAt ?? closedAt),
    ...segment('load', firstChunkAt, lastChunkAt),
    ...segment('close', lastChunkAt, closedAt),
  ]
  return {
    name: mapping,
    hint: hint(segments),
    ms: closedAt === null ? null : Date.parse(closedAt) - Date.parse(begun),
    segments: segments.length > 0 ? segments : segment('prepare', begun, begun),
  }
}

const segmentKinds: Readonly<Record<ReportRebuild['kind'], SegmentKind>> = {
  'primary key': 'index',
  unique: 'index',
  index: 'index',
  crosswalk: 'index',
  'foreign key': 'foreign-key',
  statistics: 'statistics',
}

function rebuildLine({
  kind,
  name,
  table,
  startedAt,
  finishedAt,
  seconds,
  state,
}: ReportRebuild): TimeLine | undefined {
  if (startedAt === null) return undefined
  const isDone = state === 'done' && finishedAt !== null
  return {
    name: `${kind} ${name}`,
    hint: `${isDone ? renderDuration(seconds * 1000) : 'not done'}, of ${renderName(table)}`,
    ms: isDone ? seconds * 1000 : null,
    segments: segment(segmentKinds[kind], startedAt, finishedAt ?? startedAt),
  }
}

/** None where an end is missing. An end before the beginning, of clocks that were set, is a moment. */
function segment(kind: SegmentKind, from: string | null, to: string | null): readonly Segment[] {
  if (from === null || to === null) return []
  return [{ kind, from: Date.parse(from), to: Math.max(Date.parse(from), Date.parse(to)) }]
}

function hint(segments: readonly Segment[]): string {
  return segments.map(({ kind, from, to }) => `${kind} ${renderDuration(to - from)}`).join(', ')
}

function start({ segments }: TimeLine): number {
  return segments[0]!.from
}

function length({ segments }: TimeLine): number {
  return segments.at(-1)!.to - segments[0]!.from
}
