import { renderThroughput } from '../../chart/throughput.ts'
import type { ChunkFailures, ReportChunk, ReportCourse } from '../../course.ts'
import { renderCount, renderDuration } from '../../figures.ts'
import { renderItem } from '../code.ts'
import { type Html, html } from '../markup.ts'
import { boundless } from '../space.ts'
import { type Column, renderTable } from '../table.ts'
import { name, sentence } from '../text.ts'

/** A mapping of one chunk that went well has nothing to tell of it. */
export function hasChunksToTell({ failures, chunksDone }: ReportCourse): boolean {
  return failures.length > 0 || BigInt(chunksDone) > 1n
}

/**
 * The load of one mapping: how fast it went, which attempts failed and why, which chunks were slowest. `id` is that of
 * its chart.
 */
export function renderChunks({ mapping, throughput, failures, slowest }: ReportCourse, id: string, rest: Html): Html {
  const attempts = failures.reduce((sum, failure) => sum + BigInt(failure.attempts), 0n)
  return renderItem(
    html`${name(mapping)}: ${attempts === 0n ? 'no attempt failed' : `${renderCount(attempts)} failed ${attempts === 1n ? 'attempt' : 'attempts'}`}`,
    html`${throughput !== null && renderThroughput(throughput, id)}
${
  failures.length > 0 &&
  renderTable({
    caption: 'Attempts that did not end well',
    columns: failureColumns,
    rows: failures,
    space: boundless(),
    most: 20,
    rest,
  })
}
${
  slowest.length > 0 &&
  renderTable({
    caption: 'The slowest chunks',
    columns: slowestColumns,
    rows: slowest,
    space: boundless(),
    most: 20,
    rest,
  })
}`,
  )
}

const outcomes: Readonly<Record<ChunkFailures['outcome'], string>> = {
  retried: 'begun again',
  split: 'split',
  'set aside': 'the row was set aside',
  failed: 'the run failed',
}

const failureColumns: readonly Column<ChunkFailures>[] = [
  { title: 'why', kind: 'name', cell: ({ why }) => sentence(why) },
  { title: 'what was done', kind: 'words', cell: ({ outcome }) => outcomes[outcome] },
  { title: 'attempts', kind: 'figure', cell: ({ attempts }) => renderCount(attempts) },
  { title: 'chunks, for example', kind: 'words', cell: ({ sampleChunks }) => sampleChunks.map(renderCount).join(', ') },
]

const slowestColumns: readonly Column<ReportChunk>[] = [
  { title: 'chunk', kind: 'name', cell: ({ number }) => renderCount(number) },
  { title: 'source rows', kind: 'figure', cell: ({ rows }) => renderCount(rows) },
  { title: 'took', kind: 'figure', cell: ({ ms }) => renderDuration(ms) },
]
