import { type Disposition, dispositions } from '../../plan/disposition.ts'
import type { ReportMapping } from '../report.ts'

/** What became of the rows of a mapping, as far as the flow tells it. */
export type FlowMapping = Pick<ReportMapping, 'state' | 'sourceRows' | Disposition>

/** What a band of the flow stands for. */
export type FlowKind = Disposition | 'unread' | 'lost'

/** Rows that went one way. */
export interface FlowBand {
  readonly kind: FlowKind
  readonly rows: bigint
}

/** Where the rows of all mappings went. */
export interface Flow {
  /** The sum of the bands. */
  readonly rows: bigint
  /** Those that hold rows, in the order of {@link FlowKind}. */
  readonly bands: readonly FlowBand[]
  /** Mappings whose source nobody has counted yet. */
  readonly uncounted: number
}

/**
 * Where the rows of all mappings went. What a mapping has not disposed of is still to be read, or, once it is done, lost:
 * that never is by what the ledger allows (I2), and must show if it is.
 */
export function buildFlow(mappings: readonly FlowMapping[]): Flow {
  const rows = new Map<FlowKind, bigint>(dispositions.map((kind) => [kind, 0n]))
  const add = (kind: FlowKind, more: bigint) => rows.set(kind, (rows.get(kind) ?? 0n) + more)
  for (const mapping of mappings) {
    let left = BigInt(mapping.sourceRows ?? 0)
    for (const kind of dispositions) {
      add(kind, BigInt(mapping[kind]))
      left -= BigInt(mapping[kind])
    }
    if (left > 0n) add(mapping.state === 'done' ? 'lost' : 'unread', left)
  }
  const order: readonly FlowKind[] = [...dispositions, 'unread', 'lost']
  const bands = order.map((kind) => ({ kind, rows: rows.get(kind) ?? 0n })).filter((band) => band.rows > 0n)
  return {
    rows: bands.reduce((sum, band) => sum + band.rows, 0n),
    bands,
    uncounted: mappings.filter(({ sourceRows }) => sourceRows === null).length,
  }
}

/**
 * How high each band is, where all are `height` together and none is less than `least`: the small ones get that, the
 * others share what is left.
 */
export function bandHeights(rows: readonly bigint[], height: number, least: number): readonly number[] {
  const sizes = rows.map(Number)
  const small = new Set<number>()
  for (;;) {
    const left = height - small.size * least
    const sum = sizes.reduce((all, size, i) => (small.has(i) ? all : all + size), 0)
    const heights = sizes.map((size, i) => (small.has(i) ? least : (size / sum) * left))
    const below = heights.findIndex((each, i) => !small.has(i) && each < least)
    if (below === -1) return heights
    small.add(below)
  }
}
