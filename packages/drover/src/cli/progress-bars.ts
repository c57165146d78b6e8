import { styleText } from 'node:util'
import type { Tally } from '../ledger/tally.ts'
import { absenceLine } from './absence.ts'
import type { View } from './progress.ts'
import { fitHead } from './progress-head.ts'
import { fitBars } from './progress-layout.ts'
import { isRebuilding, rebuildLine, stoppingLines } from './progress-lines.ts'
import { movingSpeed } from './speed.ts'
import { tookMs } from './took.ts'

/** What a line of the bars shows of a mapping. */
export interface Bar {
  readonly tally: Tally
  /** `closing`: every chunk is done, and the crosswalk gets its key. */
  readonly state: Tally['state'] | 'closing'
  readonly rowsPerSecond: number | undefined
}

/** A bar for each mapping, redrawn in place, as wide as the terminal is at that moment. */
export function barsView(output: NodeJS.WriteStream): View {
  const speeds = new Map<string, ReturnType<typeof movingSpeed>>()
  let drawn = 0
  let firstAtMs: number | undefined
  return (sample) => {
    if ('absence' in sample) {
      // It stays: the bars go on below.
      drawn = 0
      return `${absenceLine(sample)}\n`
    }
    const { tallies, atMs, stopping } = sample
    firstAtMs ??= atMs
    const bars = tallies.map((tally): Bar => {
      const speed = speeds.get(tally.mapping) ?? movingSpeed()
      speeds.set(tally.mapping, speed)
      return { tally, state: stateOf(tally), rowsPerSecond: speedOf(tally, speed(tally.read, atMs)) }
    })
    // A line that fills the last column wraps in some terminals, and every line after it would be drawn one too low.
    const columns = (output.columns || 80) - 1
    const rows = Math.max(1, (output.rows || 24) - 5)
    const { shown, hidden } = choose(bars, rows)
    const lines = [
      fitHead(sample, atMs - firstAtMs, columns),
      ...fitBars(shown, columns),
      ...(hidden === '' ? [] : [hidden]),
      ...(isRebuilding(sample) ? [`▸ ${rebuildLine(sample.rebuilds)}`] : []),
      ...(stopping ? [stoppingLines[stopping]] : []),
    ]
    const text = lines.map((line) => paint(line.slice(0, columns), output)).join('\n')
    const up = drawn === 0 ? '' : `\x1b[${drawn}A\r\x1b[J`
    drawn = lines.length
    return `${up}${text}\n`
  }
}

function stateOf(tally: Tally): Bar['state'] {
  const isClosing = tally.state === 'loading' && tally.chunks > 0n && tally.chunksDone === tally.chunks
  return isClosing ? 'closing' : tally.state
}

/** The moving average while a mapping loads; over its whole time when it is done. */
function speedOf(tally: Tally, moving: number | undefined): number | undefined {
  if (tally.state !== 'done') return tally.state === 'loading' ? moving : undefined
  const ms = tookMs(tally)
  return ms === null || ms <= 0 ? undefined : (Number(tally.read) * 1000) / ms
}

/** A terminal cannot redraw what has scrolled out of it: where the bars are too many, those at work are shown. */
function choose(bars: readonly Bar[], rows: number): { readonly shown: readonly Bar[]; readonly hidden: string } {
  if (bars.length <= rows) return { shown: bars, hidden: '' }
  const atWork = bars.filter((bar) => bar.state === 'loading' || bar.state === 'closing').slice(0, rows - 1)
  const count = (state: Tally['state']) => bars.filter((bar) => bar.tally.state === state).length
  return { shown: atWork, hidden: `  … ${count('done')} done, ${count('waiting')} waiting` }
}

/** Colours the sign at the head of a bar, where the terminal has colours and NO_COLOR is not set. */
function paint(line: string, output: NodeJS.WriteStream): string {
  const sign = line[0]
  if (sign === '✓') return styleText('green', sign, { stream: output }) + line.slice(1)
  return sign === '▸' ? styleText('cyan', sign, { stream: output }) + line.slice(1) : line
}
