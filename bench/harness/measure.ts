import { performance } from 'node:perf_hooks'
import { medianOf } from './median.ts'

/** Seconds of each part of what was measured, by name. */
export type Phases = Readonly<Record<string, number>>

/** Something to be measured against others. */
export interface Variant {
  readonly name: string
  /** How many rows it goes through. Variants of which each says so are compared by their time for a row. */
  readonly rows?: number
  /** Ahead of each round, not measured. */
  readonly prepare?: () => Promise<void>
  /** What is measured. It may tell where the time went, and how much memory a process took. */
  readonly run: () => Promise<Outcome | undefined>
  /** After each round, not measured: what came out. Variants of one round that tell must tell the same. */
  readonly result?: () => Promise<Readonly<Record<string, string>>>
}

export interface Outcome {
  /** What counts in place of the time of the call, where the variant measures a part of itself. */
  readonly seconds?: number
  readonly phases?: Phases
  /** The most that the process of the variant held, in bytes. */
  readonly peakBytes?: number
}

export interface Measured {
  readonly name: string
  readonly rows?: number
  /** One a round, in the order of the rounds: those of one round belong together. */
  readonly seconds: readonly number[]
  readonly outcomes: readonly Outcome[]
}

export interface MeasureOptions {
  readonly rounds: number
  /** Rounds ahead that do not count. Default 0. */
  readonly warmUp?: number
  readonly onRound?: (name: string, round: number, seconds: number) => void
}

/**
 * Runs the variants in turn, round by round, so that a busy machine slows all of them alike.
 *
 * @throws Error where two variants of one round differ in what came out
 */
export async function measure(variants: readonly Variant[], options: MeasureOptions): Promise<readonly Measured[]> {
  const { rounds, warmUp = 0, onRound } = options
  const measured = new Map(variants.map(({ name }) => [name, { seconds: [] as number[], outcomes: [] as Outcome[] }]))
  for (let round = 1 - warmUp; round <= rounds; round += 1) {
    const results: { name: string; result: Readonly<Record<string, string>> }[] = []
    for (const { name, prepare, run, result } of variants) {
      await prepare?.()
      const started = performance.now()
      const outcome = (await run()) ?? {}
      const seconds = outcome.seconds ?? (performance.now() - started) / 1000
      onRound?.(name, round, seconds)
      if (result !== undefined) results.push({ name, result: await result() })
      if (round < 1) continue
      measured.get(name)!.seconds.push(seconds)
      measured.get(name)!.outcomes.push(outcome)
    }
    requireEqual(results)
  }
  return variants.map(({ name, rows }) => ({ name, ...(rows !== undefined && { rows }), ...measured.get(name)! }))
}

/** The median of the phases' seconds. */
export function medianPhases({ outcomes }: Measured): Phases {
  const names = new Set(outcomes.flatMap(({ phases = {} }) => Object.keys(phases)))
  return Object.fromEntries(
    [...names].map((name) => [name, medianOf(outcomes.map(({ phases }) => phases?.[name] ?? 0))]),
  )
}

function requireEqual(results: readonly { name: string; result: Readonly<Record<string, string>> }[]): void {
  const [first, ...others] = results
  for (const other of others) {
    for (const [what, digest] of Object.entries(first!.result)) {
      if (other.result[what] === digest) continue
      throw new Error(`${what} differs: ${first!.name} made ${digest}, ${other.name} made ${other.result[what]}.`)
    }
  }
}
