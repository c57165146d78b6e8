/** A timestamptz as the server prints it in UTC (`2025-01-31 09:30:00.25+00`), as ISO 8601. */
export function isoInstant(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11).replace(/\+00$/, 'Z')}`
}

/** The same of an instant that may be missing. */
export function isoInstantOrNull(text: string | null): string | null {
  return text === null ? null : isoInstant(text)
}

/** Milliseconds between two ISO instants, to the millisecond; null where one is missing. */
export function elapsedMs(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Date.parse(to) - Date.parse(from)
}
