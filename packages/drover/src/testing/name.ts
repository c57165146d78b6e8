import { randomBytes } from 'node:crypto'

const prefix = 'drover_test_'

/** A name for a database that tells when it was made, to the millisecond: `drover_test_mb3k2x1_9f86d081`. */
export function testName(now: number): string {
  return `${prefix}${now.toString(36)}_${randomBytes(6).toString('hex')}`
}

/** When a database of that name was made, in milliseconds; undefined where it is none of ours. */
export function madeAt(name: string): number | undefined {
  const time = name.startsWith(prefix) ? /^([0-9a-z]+)_[0-9a-f]{12}$/.exec(name.slice(prefix.length))?.[1] : undefined
  return time === undefined ? undefined : Number.parseInt(time, 36)
}

/** The connection string of another database of the same server. */
export function urlOf(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}
