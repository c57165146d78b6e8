/** How numbers and times read in everything that the command line prints. */

const thousands = new Intl.NumberFormat('en')

/** `1,234,567`; a count that is not known yet is a dash. */
export function renderCount(count: bigint | number | null): string {
  return count === null ? '–' : thousands.format(count)
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function renderDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** A timestamptz as the server prints it in UTC, to the second; a dash where there is none. */
export function renderInstant(text: string | null): string {
  return text === null ? '–' : `${text.slice(0, 19)} UTC`
}

/** Milliseconds from one timestamptz to another, both as the server prints them in UTC; undefined where one is missing. */
export function elapsedMs(from: string | null, to: string | null): number | undefined {
  if (from === null || to === null) return undefined
  return instantMs(to) - instantMs(from)
}

function instantMs(text: string): number {
  return Date.parse(`${text.slice(0, 10)}T${text.slice(11).replace(/\+00$/, 'Z')}`)
}
