import type { ReportCourse, StripCell, Throughput } from '../../../src/report/course.ts'
import type { CodeComparison } from '../../../src/report/data-quality.ts'
import type { ReportRebuild } from '../../../src/report/rebuilds.ts'
import type { ReportMapping } from '../../../src/report/report.ts'

/** Figures for the charts: what a run usually comes to, and what it hardly ever does. */

/** Names that try to leave their place, turn the line around, or fill the page. */
export const hostile = [
  '<script>alert(1)</script>',
  '"\' onload=alert(1) x="',
  '\u202egnp.exe',
  'ملاحظات المرضى',
  ']]></title>&amp;\u0000\n',
  'w'.repeat(10_000),
  '🦷'.repeat(100),
  '',
]

const noRows = { loaded: '0', merged: '0', matched: '0', quarantined: '0', excluded: '0' }

export type ChartMapping = Pick<
  ReportMapping,
  'state' | 'target' | 'sourceRows' | keyof typeof noRows | 'targetRowsBefore' | 'targetRowsAfter'
>

/** A mapping that is done, and has no rows but those that are given. */
export function mapping(given: Partial<ChartMapping>): ChartMapping {
  return {
    state: 'done',
    target: 'public.visits',
    sourceRows: '0',
    ...noRows,
    targetRowsBefore: null,
    targetRowsAfter: null,
    ...given,
  }
}

const begin = Date.parse('2025-06-01T08:00:00Z')

/** An instant, by seconds since the run began. */
export function at(seconds: number): string {
  return new Date(begin + seconds * 1000).toISOString()
}

/** When a mapping was prepared, began its first chunk, ended its last, and was closed: in seconds since the run began. */
export function course(name: string, times: readonly (number | null)[]): ReportCourse {
  const [preparedAt, firstChunkAt, lastChunkAt, closedAt] = times.map((time) => (time === null ? null : at(time)))
  return {
    mapping: name,
    preparedAt: preparedAt ?? null,
    firstChunkAt: firstChunkAt ?? null,
    lastChunkAt: lastChunkAt ?? null,
    closedAt: closedAt ?? null,
    chunks: '0',
    chunksDone: '0',
    atFirstAttempt: '0',
    begun: '0',
    medianMs: null,
    p95Ms: null,
    slowest: [],
    failures: [],
    throughput: null,
    strip: [],
  }
}

export function rebuild(
  kind: ReportRebuild['kind'],
  name: string,
  times: readonly [number | null, number | null],
): ReportRebuild {
  const [startedAt, finishedAt] = times.map((time) => (time === null ? null : at(time)))
  return {
    table: 'public.visits',
    name,
    kind,
    state: finishedAt === null ? 'off' : 'done',
    why: null,
    startedAt: startedAt ?? null,
    finishedAt: finishedAt ?? null,
    seconds: times[0] === null || times[1] === null ? 0 : times[1] - times[0],
    bytes: null,
  }
}

/** A cell of ten chunks that are done, but for what is given. */
export function cell(given: Partial<StripCell> = {}): StripCell {
  return { chunks: 10, done: 10, retried: 0, begun: 0, failed: 0, rows: 100_000, quarantined: 0, ...given }
}

export const load = {
  courses: [
    course('clinics', [0, 1, 2, 2.2]),
    course('patients', [2.2, 10, 110, 121]),
    course('visits', [121, 128, 520, 530]),
    course('rooms', [121, null, null, 121.5]),
    course(hostile[0]!, [225, 230, 300, null]),
    course('not begun', [null, null, null, null]),
  ],
  rebuilds: [
    rebuild('foreign key', 'visits_clinic_id_fkey', [580, 600]),
    rebuild('primary key', 'visits_pkey', [520, 560]),
    rebuild('index', 'visits_clinic_id_idx', [522, null]),
    rebuild('statistics', 'visits', [600, 603]),
    rebuild('unique', 'never off', [null, null]),
  ],
}

/** A load of 100 cells: done, split, begun, failed, in part, open; rows set aside in every step. */
export const strip: readonly StripCell[] = Array.from({ length: 100 }, (_, i) => {
  if (i === 20) return cell({ retried: 1 })
  if (i < 55) return cell({ quarantined: [0, 0, 20, 500, 4000, 60_000][i % 6]! })
  if (i < 60) return cell({ done: 5, begun: 2 })
  if (i === 64) return cell({ done: 3, failed: 1 })
  if (i < 70) return cell({ done: 70 - i })
  return cell({ done: 0, rows: 0 })
})

/** Eighty slices of five seconds, four of them without a row. */
export const throughput: Throughput = {
  from: at(0),
  sliceMs: 5000,
  rows: Array.from({ length: 80 }, (_, i) => (i > 40 && i < 45 ? 0 : 200_000 + ((i * 7919) % 90_000))),
}

export const codes: readonly CodeComparison[] = [
  { mapping: 'visits', outcome: 'quarantine', code: 'no|clinic', column: null, foreseen: '1000', actual: '1000' },
  { mapping: 'visits', outcome: 'correct', code: 'number-format', column: 'am`ount', foreseen: '7', actual: '9' },
  { mapping: 'totals', outcome: 'note', code: hostile[0]!, column: 'n', foreseen: null, actual: '2' },
]
