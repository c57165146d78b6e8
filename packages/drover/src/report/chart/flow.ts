import { area, curveBumpX } from 'd3-shape'
import { renderCount, renderRows, renderUncounted } from '../figures.ts'
import { type Html, html } from '../html/markup.ts'
import { bandHeights, buildFlow, type Flow, type FlowKind, type FlowMapping } from './flow-bands.ts'
import {
  fullWidth,
  percent,
  rectangle,
  renderChart,
  renderNothing,
  renderPath,
  renderStretched,
  round,
} from './frame.ts'
import { renderShare } from './share.ts'

const words: Readonly<Record<FlowKind, { readonly name: string; readonly meaning: string }>> = {
  loaded: { name: 'loaded', meaning: 'written to the target' },
  merged: { name: 'merged', meaning: 'one with a duplicate' },
  matched: { name: 'matched', meaning: 'in the target before' },
  quarantined: { name: 'quarantined', meaning: 'set aside' },
  excluded: { name: 'excluded', meaning: 'left out on purpose' },
  unread: { name: 'not read yet', meaning: 'the run is not over' },
  lost: { name: 'not accounted for', meaning: 'nobody knows' },
}

/** In pixels: all bands together, the least of one, two lines of text beside it, what is between two, and the line above. */
const sizes = { bands: 120, least: 3, label: 34, gap: 8, head: 26 }
/** In units: the bar of the source rows, where bands end, and the bars there. */
const places = { source: 12, bandEnd: 400, target: 410 }

/** Where every row of a run's sources went: a band for each disposition, as wide as its rows. */
export function renderFlow(mappings: readonly FlowMapping[], id: string): Html {
  const flow = buildFlow(mappings)
  if (flow.rows === 0n) return renderNothing(`No source row yet.${uncountedOf(flow)}`)
  const bands = placeBands(flow)
  // One more, for the outline of what is not filled.
  const height = Math.max(sizes.bands, bands.at(-1)!.bottom) + 1
  const shapes = bands.map(({ kind, left, middle, height: own }) => [
    renderPath(`band fill-${kind}`, bandPath(left, middle - own / 2, own)),
    renderPath(`fill-${kind}`, rectangle(places.bandEnd, middle - own / 2, places.target - places.bandEnd, own)),
  ])
  const sourceTop = bands[0]!.left
  const x = percent((places.target / fullWidth) * 100 + 1.5)
  const labels = bands.map(({ kind, rows, middle }) => {
    const y = sizes.head + middle
    return html`<text class="text-strong" x="${x}" y="${round(y - 3)}">${renderCount(rows)} ${words[kind].name}</text><text class="text-dim" x="${x}" y="${round(y + 12)}">${renderShare(rows, flow.rows)} · ${words[kind].meaning}</text>`
  })
  return renderChart(
    { id, title: 'Where every source row went', description: describe(flow) },
    sizes.head + height,
    html`<text class="text-strong" y="13">${renderRows(flow.rows, 'source row')}</text>`,
    renderStretched(
      { y: sizes.head, height },
      renderPath('fill-before', rectangle(0, sourceTop, places.source, sizes.bands)),
      ...shapes,
    ),
    labels,
  )
}

interface PlacedBand {
  readonly kind: FlowKind
  readonly rows: bigint
  readonly height: number
  /** Its top at the source. */
  readonly left: number
  /** The middle of its end, and the bottom of what stands there. */
  readonly middle: number
  readonly bottom: number
}

/** At the source bands lie on each other; where they end, each has room for its two lines of text. */
function placeBands({ bands }: Flow): readonly PlacedBand[] {
  const heights = bandHeights(
    bands.map(({ rows }) => rows),
    sizes.bands,
    sizes.least,
  )
  const rooms = heights.map((height) => Math.max(height, sizes.label))
  const all = rooms.reduce((sum, room) => sum + room, 0) + (rooms.length - 1) * sizes.gap
  let left = Math.max(0, (all - sizes.bands) / 2)
  let top = 0
  return bands.map((band, i) => {
    const placed = { ...band, height: heights[i]!, left, middle: top + rooms[i]! / 2, bottom: top + rooms[i]! }
    left += heights[i]!
    top += rooms[i]! + sizes.gap
    return placed
  })
}

function bandPath(left: number, right: number, height: number): string {
  const ends: readonly (readonly [number, number])[] = [
    [places.source, left],
    [places.bandEnd, right],
  ]
  return (
    area<readonly [number, number]>()
      .x(([x]) => x)
      .y0(([, y]) => y)
      .y1(([, y]) => y + height)
      .curve(curveBumpX)
      .digits(1)(ends) ?? ''
  )
}

function describe(flow: Flow): string {
  const parts = flow.bands.map(
    ({ kind, rows }) =>
      `${renderCount(rows)} ${words[kind].name} (${renderShare(rows, flow.rows)}, ${words[kind].meaning})`,
  )
  return `Of ${renderRows(flow.rows, 'source row')}: ${parts.join('; ')}.${uncountedOf(flow)}`
}

function uncountedOf({ uncounted }: Flow): string {
  return uncounted === 0 ? '' : ` ${renderUncounted(uncounted)}`
}
