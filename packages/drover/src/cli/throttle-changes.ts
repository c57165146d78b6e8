import type { Throttling } from '../ledger/sample.ts'

/** A process begins to hold back, does so otherwise or for another reason, or has stopped doing so. */
export type ThrottleChange =
  | { readonly kind: 'throttled'; readonly throttling: Throttling }
  | { readonly kind: 'released'; readonly process: string }

/**
 * How long a process must have had no complaint before it counts as released, in milliseconds: a server at the edge of a
 * limit would fill a log with both words, and the governor gives nothing back before either.
 */
const calmMs = 5_000

/** What has changed since the moment before. A figure that moves within its reason is no change. */
export function throttleChanges(): (throttling: readonly Throttling[], atMs: number) => readonly ThrottleChange[] {
  const known = new Map<string, { readonly why: string; readonly atMs: number }>()
  return (throttling, atMs) => {
    const begun = throttling.filter((each) => known.get(each.process)?.why !== whyOf(each))
    for (const each of throttling) known.set(each.process, { why: whyOf(each), atMs })
    const released = [...known].filter(([, last]) => atMs - last.atMs >= calmMs).map(([process]) => process)
    for (const process of released) known.delete(process)
    return [
      ...begun.map((each) => ({ kind: 'throttled', throttling: each }) as const),
      ...released.map((process) => ({ kind: 'released', process }) as const),
    ]
  }
}

function whyOf({ action, limit }: Throttling): string {
  return `${action} ${limit}`
}
