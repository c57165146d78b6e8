import { DroverError, type ErrorCode } from '../error.ts'
import { ledgerSchema } from '../plan/plan.ts'
import { serverErrorOf } from './server-error.ts'
import { type Reaction, reactionTo } from './sqlstate.ts'

/** Errors of drover that tell of the connection alone: nothing is known of the statement. */
const aboutConnection: readonly ErrorCode[] = ['database-unreachable', 'connection-lost', 'commit-unknown']

/** What a run does about anything thrown. By SQLSTATE and code, never by the text of a message. */
export function reactionOf(thrown: unknown): Reaction {
  const server = serverErrorOf(thrown)
  if (thrown instanceof DroverError) {
    if (thrown.code === 'connection-lost' && server !== undefined) return reactionTo(server.sqlstate)
    if (aboutConnection.includes(thrown.code)) return 'reconnect'
    if (thrown.code !== 'database-refused') return 'stop'
  }
  if (server === undefined) return 'stop'
  const reaction = reactionTo(server.sqlstate)
  // I2: what the ledger itself refuses is no row's fault.
  const isOfLedger = server.table?.startsWith(`${ledgerSchema}.`) ?? false
  return reaction === 'set aside' && isOfLedger ? 'stop' : reaction
}
