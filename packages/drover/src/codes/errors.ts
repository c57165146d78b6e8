import type { Entries, ErrorEntry } from './entry.ts'
import { errorsAfterLoad } from './errors-after-load.ts'
import { errorsOfCalls } from './errors-of-calls.ts'
import { errorsOfEmbedded } from './errors-of-embedded.ts'
import { errorsOfLandings } from './errors-of-landings.ts'
import { errorsOfRuns } from './errors-of-runs.ts'
import { errorsOfServers } from './errors-of-servers.ts'

/**
 * Every error that drover raises, by code. A code names the kind of failure; the sentence, the place and the remedy
 * travel with the error itself.
 */
export const errorCodes = {
  ...errorsOfCalls,
  ...errorsOfServers,
  ...errorsOfRuns,
  ...errorsAfterLoad,
  ...errorsOfLandings,
  ...errorsOfEmbedded,
} as const satisfies Entries<ErrorEntry>

/** The code of an error: one of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes
