/**
 * What the clocks of a zone say and when, by the time zone data that JavaScript brings along: written apart from the
 * conversion, which asks the server's. Times are milliseconds; those on a clock count as if it stood in Greenwich.
 */
export type ClockReading =
  | { readonly kind: 'once'; readonly at: number }
  | { readonly kind: 'twice'; readonly earlier: number; readonly later: number }
  /** No clock showed it; `at` is what the offset before the jump makes of it. */
  | { readonly kind: 'never'; readonly at: number }

const secondMs = 1_000
const hourMs = 3_600 * secondMs
const formats = new Map<string, Intl.DateTimeFormat>()

/** What the clocks of the zone show at an instant. */
export function clockAt(instant: number, zone: string): number {
  const part = Object.fromEntries(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const shown = Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second)
  return shown + (((instant % secondMs) + secondMs) % secondMs)
}

/** Reads a time on the clocks of the zone. Every zone lies between 12 hours behind Greenwich and 14 before it. */
export function readClock(shown: number, zone: string): ClockReading {
  // Offsets: 15 hours away from any jump that could concern the time, and on the right side of it.
  const [before, after] = [-15 * hourMs, 15 * hourMs].map((away) => clockAt(shown + away, zone) - shown - away)
  const found = [shown - before!, shown - after!].filter((at) => clockAt(at, zone) === shown)
  const [earlier, later] = [Math.min(...found), Math.max(...found)]
  if (found.length === 0) return { kind: 'never', at: shown - before! }
  return earlier === later ? { kind: 'once', at: earlier } : { kind: 'twice', earlier, later }
}

/** The instants between two at which the clocks of the zone are set, to the second. */
export function jumpsOf(zone: string, from: number, until: number): readonly number[] {
  const offset = (at: number) => clockAt(at, zone) - at
  const jumps: number[] = []
  const weekMs = 7 * 24 * hourMs
  for (let at = from; at < until; at += weekMs) {
    let [known, changed] = [at, at + weekMs]
    if (offset(known) === offset(changed)) continue
    while (changed - known > secondMs) {
      const middle = known + Math.floor((changed - known) / 2 / secondMs) * secondMs
      if (offset(middle) === offset(at)) known = middle
      else changed = middle
    }
    jumps.push(changed)
  }
  return jumps
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  formats.set(zone, made)
  return made
}
