import { type Ended, runProgram } from '../harness/program.ts'

/** Two tables of one server, alike in every column. */
export interface Pair {
  /** The server's connection string. */
  readonly url: string
  readonly one: string
  readonly other: string
  readonly key: string
  readonly columns: readonly string[]
}

/**
 * Compares two tables, by checksums of its own extension, `pgcmp`, which must be there.
 *
 * @throws Error where it finds a difference, or fails
 */
export async function compare({ url, one, other, key, columns }: Pair): Promise<Ended> {
  const { hostname, port, pathname, username } = new URL(url)
  const side = (table: string) =>
    `pgsql://${username}@${hostname}:${port}${pathname}/${table}?${key}:${columns.join(',')}`
  const ended = await runProgram({ program: 'pg_comparator', args: ['--expect', '0', side(one), side(other)] })
  if (ended.code !== 0) throw new Error(`pg_comparator ended with ${ended.code}: ${ended.stdout}${ended.stderr}`)
  return ended
}
