/** How numbers and times read in a report. */

const thousands = new Intl.NumberFormat('en')

/** `1,234,567`; a dash where nothing is known. */
export function renderCount(count: string | bigint | number | null): string {
  return count === null ? '–' : thousands.format(typeof count === 'string' ? BigInt(count) : count)
}

/** A sum as `1,234.5`, with the digits that it has. */
export function renderAmount(amount: string): string {
  const [, sign, whole, fraction] = /^(-?)(\d+)([.]\d+)?$/.exec(amount) ?? []
  return whole === undefined ? amount : `${sign}${renderCount(whole)}${fraction ?? ''}`
}

/** A count with its noun: `1 source row`, `1,234 source rows`. */
export function renderRows(count: bigint, noun: string): string {
  return `${renderCount(count)} ${noun}${count === 1n ? '' : 's'}`
}

/** That the sources of some mappings are not counted yet, as a sentence. */
export function renderUncounted(mappings: number): string {
  return mappings === 1
    ? 'The source of 1 mapping is not counted yet.'
    : `The sources of ${renderCount(mappings)} mappings are not counted yet.`
}

/** Bytes as `83.5 MB` or `2.1 GB`, in powers of ten. */
export function renderBytes(bytes: string | number): string {
  const megabytes = Number(bytes) / 1_000_000
  return megabytes < 999.95 ? `${megabytes.toFixed(1)} MB` : `${(megabytes / 1000).toFixed(1)} GB`
}

/** `80 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`; a dash where nothing is known. */
export function renderDuration(ms: number | null): string {
  if (ms === null) return '–'
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`
  const seconds = Math.round(ms / 1000)
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** The same of seconds. */
export function renderSeconds(seconds: number | null): string {
  return renderDuration(seconds === null ? null : seconds * 1000)
}

/** From the least to the most that is foreseen, or one figure; a dash where nothing is. */
export function renderRange(range: { readonly least: string; readonly most: string } | null): string {
  if (range === null) return '–'
  const { least, most } = range
  return least === most ? renderCount(least) : `${renderCount(least)} to ${renderCount(most)}`
}

/** An ISO instant to the second: `2025-01-31 09:30:00 UTC`; a dash where there is none. */
export function renderInstant(instant: string | null): string {
  return instant === null ? '–' : `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`
}
