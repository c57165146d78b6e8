/** The addresses of the page. Keys and names stand in queries: whatever they hold, they come back as they were. */

/** Where a run is shown, or a part of it. */
export function runAddress(runId: string, part = ''): string {
  return `/runs/${runId}${part === '' ? '' : `/${part}`}`
}

/** An address with what it asks for; what is undefined or empty is left out. */
export function withQuery(address: string, query: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => (pair[1] ?? '') !== '')
  const text = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  return text === '' ? address : `${address}?${text}`
}

/** What names a row in an address: its key may be the empty text. */
export function rowAddress(
  address: string,
  { mapping, key }: { readonly mapping: string; readonly key: string },
): string {
  return `${address}?mapping=${encodeURIComponent(mapping)}&key=${encodeURIComponent(key)}`
}
