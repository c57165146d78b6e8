import { renderCount } from '../report/figures.ts'
import type { Bar } from './progress-bars.ts'
import { pad } from './table.ts'

const signs: Readonly<Record<Bar['state'], string>> = { waiting: '·', loading: '▸', closing: '▸', done: '✓' }

/** Below this a bar tells nothing, above it wastes the line; in characters. */
const narrowestBar = 6
const widestBar = 28
const longestName = 24

interface Field {
  readonly title: string
  readonly align: 'left' | 'right'
  readonly cells: readonly string[]
  /** Left out where the terminal is too narrow: the highest first. Absent: never. */
  readonly leftOut?: number
}

/** Bars as lines of at most `columns` characters under one line of titles; a narrow terminal shows fewer fields. */
export function fitBars(bars: readonly Bar[], columns: number): readonly string[] {
  let fields = fieldsOf(bars)
  let room = roomForBar(fields, columns)
  while (room < narrowestBar) {
    const most = Math.max(...fields.map((field) => field.leftOut ?? 0))
    if (most === 0) break
    fields = fields.filter((field) => field.leftOut !== most)
    room = roomForBar(fields, columns)
  }
  const width = Math.max(narrowestBar, Math.min(widestBar, room))
  const [name, ...figures] = fields
  const line = (bar: string, cell: (field: Field) => string) =>
    [name!, undefined, ...figures]
      .map((field) => (field === undefined ? bar : pad(cell(field), widthOf(field), field.align)))
      .join('  ')
      .trimEnd()
  return [
    line(' '.repeat(width), (field) => field.title),
    ...bars.map((bar, i) => line(drawBar(bar, width), (field) => field.cells[i]!)),
  ]
}

function fieldsOf(bars: readonly Bar[]): readonly Field[] {
  const figures = (cell: (bar: Bar) => string) => bars.map(cell)
  return [
    {
      title: '  mapping',
      align: 'left',
      cells: figures((bar) => `${signs[bar.state]} ${shortened(bar.tally.mapping)}`),
    },
    { title: 'state', align: 'left', cells: figures((bar) => bar.state), leftOut: 3 },
    { title: 'rows', align: 'right', cells: figures(read) },
    { title: 'of', align: 'right', cells: figures((bar) => renderCount(bar.tally.sourceRows)) },
    { title: 'rows/s', align: 'right', cells: figures(speed), leftOut: 2 },
    { title: 'quarantined', align: 'right', cells: figures((bar) => renderCount(bar.tally.quarantined)), leftOut: 1 },
  ]
}

/** As wide as the total: the bar keeps its length while the count grows. */
function read({ tally }: Bar): string {
  return renderCount(tally.read).padStart(renderCount(tally.sourceRows).length)
}

function speed({ rowsPerSecond }: Bar): string {
  return rowsPerSecond === undefined ? '' : renderCount(Math.round(rowsPerSecond))
}

function shortened(name: string): string {
  return name.length <= longestName ? name : `${name.slice(0, longestName - 1)}…`
}

function roomForBar(fields: readonly Field[], columns: number): number {
  return columns - fields.reduce((sum, field) => sum + widthOf(field) + 2, 0)
}

function widthOf({ title, cells }: Field): number {
  return Math.max(title.length, ...cells.map((cell) => cell.length))
}

function drawBar({ tally }: Bar, width: number): string {
  const part = tally.state === 'done' ? 1 : Number(tally.read) / Math.max(1, Number(tally.sourceRows ?? 0n))
  const full = Math.min(width, Math.floor(part * width))
  return '█'.repeat(full) + '░'.repeat(width - full)
}
