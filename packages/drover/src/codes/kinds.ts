import { checks } from './checks.ts'
import type { Entries, Entry } from './entry.ts'
import { errorsAfterLoad } from './errors-after-load.ts'
import { errorsOfCalls } from './errors-of-calls.ts'
import { errorsOfEmbedded } from './errors-of-embedded.ts'
import { errorsOfLandings } from './errors-of-landings.ts'
import { errorsOfRuns } from './errors-of-runs.ts'
import { errorsOfServers } from './errors-of-servers.ts'
import { endHazards, rollbackHazards, runHazards } from './hazards.ts'
import { rowCodes } from './row-codes.ts'
import { checkFindings, ruleKinds } from './rules.ts'
import { scriptCodes } from './script-codes.ts'

/** Codes that are met in one place. */
export interface Kind {
  readonly title: string
  /** Where they are met, in a sentence or two. */
  readonly met: string
  readonly entries: Entries<Entry & { readonly exit?: number }>
}

/** Every code that people meet, by kind. No two kinds share one. */
export const kinds: readonly Kind[] = [
  {
    title: 'Errors of a call or a definition',
    met: 'Nothing was begun.',
    entries: errorsOfCalls,
  },
  {
    title: 'Errors of servers and connections',
    met: 'A server, a connection or the ledger refuses.',
    entries: errorsOfServers,
  },
  {
    title: 'Errors of a run',
    met: 'What the run has finished stays: it can be resumed, cancelled or taken back.',
    entries: errorsOfRuns,
  },
  {
    title: 'Errors after a load',
    met: 'While rows are mended, or a run is taken back.',
    entries: errorsAfterLoad,
  },
  {
    title: 'Errors of a landing',
    met: 'While tables of another server, or files, are carried into the target database.',
    entries: errorsOfLandings,
  },
  {
    title: 'Errors of the embedded PostgreSQL',
    met: 'A server of your own always takes its place.',
    entries: errorsOfEmbedded,
  },
  {
    title: 'Hazards',
    met: 'Allowed by name with --allow, once somebody has read what they say.',
    entries: { ...runHazards, ...endHazards, ...rollbackHazards },
  },
  {
    title: 'Codes of rows',
    met: 'Under which rows are set aside, corrected or noted. A migration gives others, which are its own.',
    entries: rowCodes,
  },
  {
    title: 'Rules that rows break',
    met: 'Told by drover check, before a run.',
    entries: { ...ruleKinds, ...checkFindings },
  },
  {
    title: 'Checks of a verification',
    met: 'Each says what must hold; the cause is that of a failure.',
    entries: checks,
  },
  {
    title: 'SQLSTATEs of a reversal script',
    met: 'With which it stops, in psql.',
    entries: scriptCodes,
  },
]

/** A code with what it stands for. */
export interface Explanation {
  readonly code: string
  readonly kind: Kind
  readonly entry: Kind['entries'][string]
}

/** What a code stands for; undefined where there is none of that name. `error-23505` is one of `error-<SQLSTATE>`. */
export function explain(code: string): Explanation | undefined {
  const name = /^error-[0-9A-Z]{5}$/.test(code) ? 'error-<SQLSTATE>' : code
  const kind = kinds.find(({ entries }) => Object.hasOwn(entries, name))
  return kind && { code, kind, entry: kind.entries[name]! }
}
