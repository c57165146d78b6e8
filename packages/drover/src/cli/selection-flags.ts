import type { Command } from 'commander'
import type { Selection } from '../repair/selection.ts'
import { configOption } from './config-file.ts'
import { databaseOption } from './database.ts'
import { collect, collectWhole, runNumber } from './flags.ts'
import type { RunFlags } from './named-run.ts'

/** Flags that name quarantined rows. */
export interface SelectionFlags extends RunFlags {
  readonly mapping?: string
  readonly code?: readonly string[]
  readonly key?: readonly string[]
}

/** Gives a command the flags that name a run, and a mapping of it. */
export function withRunFlags(command: Command): Command {
  return command
    .addOption(databaseOption())
    .addOption(configOption())
    .option('--run <number>', 'the run (default: the newest)', runNumber)
    .option('--mapping <name>', 'rows of one mapping')
}

/** Gives a command the flags that name quarantined rows. */
export function withSelectionFlags(command: Command): Command {
  return withRunFlags(command)
    .option('--code <codes>', 'rows that were set aside under a code; several with commas; repeatable', collect)
    .option('--key <key>', 'a row by its source key; repeatable', collectWhole)
}

/** What the flags mean: rows for which all that is given holds. */
export function selectionOf(flags: SelectionFlags, further: readonly string[] = []): Selection {
  const keys = [...(flags.key ?? []), ...further]
  return {
    ...(flags.mapping === undefined ? {} : { mapping: flags.mapping }),
    ...(flags.code === undefined ? {} : { codes: flags.code }),
    ...(keys.length === 0 ? {} : { keys }),
  }
}
