import type { ProbeContext } from 'drover'
import type { Row } from './answer.ts'

/** Compares rows that are ordered by names as the database does, whatever its collation. */
export async function readNameOrder(
  query: ProbeContext['query'],
  names: readonly string[],
): Promise<(a: Row, b: Row) => number> {
  const sorted = await query('select name from unnest($1::text[]) as name order by name', [[...new Set(names)]])
  const places = new Map(sorted.map(({ name }, place) => [String(name), place]))
  return (a, b) => places.get(a.order!)! - places.get(b.order!)!
}
