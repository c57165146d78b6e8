import { PassThrough } from 'node:stream'
import type { Transaction } from './connection.ts'
import { serverErrorOf } from './server-error.ts'

/** One end of a copy: a transaction, and its `copy … to stdout` or `copy … from stdin`. */
export interface CopyEnd {
  readonly tx: Transaction
  readonly copy: string
}

/** How many rows each server says that it has handled. */
export interface Copied {
  readonly sent: number
  readonly written: number
}

/**
 * Carries the rows of one server to another. As much is on the way as both streams hold, however many rows there are.
 *
 * @throws what the server says whose statement failed, `connection-lost`, or what a stream failed of. Both statements have
 * ended then, and so have both transactions.
 */
export async function pipeCopy(from: CopyEnd, to: CopyEnd): Promise<Copied> {
  const between = new PassThrough({ highWaterMark: 2 ** 18 })
  const out = from.tx.copyOut(from.copy, between).then(
    (sent) => {
      between.end()
      return sent
    },
    (thrown: Error) => {
      between.destroy(thrown)
      throw thrown
    },
  )
  const [sent, written] = await Promise.allSettled([out, to.tx.copyIn(to.copy, between)])
  if (sent.status === 'fulfilled' && written.status === 'fulfilled') return { sent: sent.value, written: written.value }
  const failures = [sent, written].flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []))
  // The end that fails first takes the other with it: what a server says tells more.
  throw failures.find((failure) => serverErrorOf(failure) !== undefined) ?? failures[0]
}
