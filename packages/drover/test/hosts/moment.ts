import { connectTo, type TestDatabase } from '../support/connect.ts'
import type { Host } from './network.ts'
import { backendsOf, type Stage, until } from './stage.ts'

/** In the midst of what a host is cut off. */
export type Moment = 'statement' | 'statement that ends meanwhile' | 'lock' | 'function'

/** How long a statement takes that ends while its host is cut off. */
export const endsAfterSeconds = 3

/** By what the server shows that a host is in the midst of it. */
const signs: Readonly<Record<Moment, (waiting: string, state: string) => boolean>> = {
  statement: (waiting) => waiting === 'Timeout: PgSleep',
  'statement that ends meanwhile': (waiting) => waiting === 'Timeout: PgSleep',
  lock: (waiting) => waiting === 'Lock: relation',
  function: (waiting, state) => state === 'idle in transaction' && waiting === 'Client: ClientRead',
}

/** Makes sure that the host's next chunks stop at the moment. */
export async function interrupt(stage: Stage, host: Host, moment: Moment): Promise<TestDatabase | undefined> {
  switch (moment) {
    case 'statement':
      await stage.linger(host, 600)
      return undefined
    case 'statement that ends meanwhile':
      await stage.linger(host, endsAfterSeconds)
      return undefined
    case 'function':
      await stage.holdFunctions(host)
      return undefined
    case 'lock':
      return holdTable(stage, 'new.visits')
  }
}

/** Resolves once both workers of the host are in the midst of it. */
export function isInterrupted({ database }: Stage, host: Host, moment: Moment): Promise<number> {
  return until(`${host.name} is in the midst of a ${moment}`, async () => {
    const backends = await backendsOf(database, host)
    return backends.length === 2 && backends.every(({ waiting, state }) => signs[moment](waiting ?? '', state))
  })
}

/** Lets the host's next chunks pass. */
export async function release(stage: Stage, host: Host, moment: Moment): Promise<void> {
  if (moment === 'function') await stage.releaseFunctions(host)
  else await stage.linger(host, 0)
}

/** Lets nobody write to a table as long as the connection lasts. */
export async function holdTable({ database }: Stage, table: string): Promise<TestDatabase> {
  const holder = connectTo(database.url)
  await holder.query(`begin; lock table ${table} in share mode`)
  return holder
}
