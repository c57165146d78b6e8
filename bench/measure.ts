import { performance } from 'node:perf_hooks'

/** Something to be measured against others. */
export interface Variant {
  readonly name: string
  /** Ahead of each round, not measured. */
  readonly prepare?: () => Promise<void>
  readonly run: () => Promise<void>
}

export interface Measured {
  readonly name: string
  readonly seconds: readonly number[]
  readonly median: number
}

/**
 * Runs the variants in turn, `rounds` times after one round that does not count, so that a busy machine slows all of them
 * alike. What can be claimed is the ratio of two medians of one call; the seconds belong to the machine.
 */
export async function measure(variants: readonly Variant[], rounds: number): Promise<readonly Measured[]> {
  const seconds = new Map(variants.map(({ name }) => [name, [] as number[]]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, prepare, run } of variants) {
      await prepare?.()
      const start = performance.now()
      await run()
      if (round > 0) seconds.get(name)!.push((performance.now() - start) / 1000)
    }
  }
  return variants.map(({ name }) => ({ name, seconds: seconds.get(name)!, median: medianOf(seconds.get(name)!) }))
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A line a variant: its median, its fastest and slowest run, and the ratio to the first one. */
export function printMeasured(measured: readonly Measured[]): void {
  const width = Math.max(...measured.map(({ name }) => name.length))
  console.log(`${''.padEnd(width)}   median      min      max    ratio`)
  for (const { name, seconds, median } of measured) {
    const columns = [median, Math.min(...seconds), Math.max(...seconds)].map((value) => `${value.toFixed(2)} s`)
    const ratio = (median / measured[0]!.median).toFixed(2)
    console.log([name.padEnd(width), ...[...columns, ratio].map((text) => text.padStart(8))].join(' '))
  }
}
