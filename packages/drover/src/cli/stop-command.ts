import type { Command } from 'commander'
import type { Database } from '../db/connection.ts'
import { type RunState, stateWords } from '../ledger/state.ts'
import { configOption } from './config-file.ts'
import { type DatabaseFlags, databaseOption, openNamed } from './database.ts'
import { runNumber } from './flags.ts'
import type { Io } from './io.ts'
import { findNamedRun } from './named-run.ts'
import { renderJsonValue, writeResult } from './result.ts'

interface StopFlags extends DatabaseFlags {
  readonly run?: string
  readonly json?: true
}

/** A command that brings a run to rest from another terminal. */
export interface Stop {
  readonly description: string
  readonly example: string
  readonly stop: (db: Database, runId: string) => Promise<RunState>
  /** What is said of the states that the run may be in then. */
  readonly told: Partial<Readonly<Record<RunState, (runId: string) => string>>>
}

/** Gives a command the words and flags of `pause` and `cancel`. It asks through the ledger alone. */
export function defineStop(command: Command, io: Io, { description, example, stop, told }: Stop): void {
  command
    .description(description)
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--run <number>', 'the run to stop (default: the newest)', runNumber)
    .option('--json', 'the state as JSON')
    .addHelpText('after', `\nExamples:\n  $ ${example}\n  $ ${example} --json`)
    .action(async (flags: StopFlags) => {
      const db = await openNamed(flags, io)
      try {
        const runId = await findNamedRun(db, flags)
        const state = await stop(db, runId)
        const text = flags.json
          ? renderJsonValue({ runId, state })
          : (told[state]?.(runId) ?? `Run ${runId} is ${stateWords(state)}.`)
        await writeResult(io, text, undefined)
      } finally {
        await db.close()
      }
    })
}
