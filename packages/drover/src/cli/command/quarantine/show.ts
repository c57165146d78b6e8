import type { Command } from 'commander'
import { findQuarantined } from '../../../repair/named-rows.ts'
import { type QuarantinedRow, readQuarantinedRow } from '../../../repair/row.ts'
import { isoInstant } from '../../../report/instant.ts'
import type { Io } from '../../io.ts'
import { type RunFlags, readOfRun, withDatabase } from '../../named-run.ts'
import { renderJsonValue, writeResult } from '../../result.ts'
import { renderRow } from '../../row-text.ts'
import { withRunFlags } from '../../selection-flags.ts'

interface ShowFlags extends RunFlags {
  readonly mapping?: string
  readonly showValues?: true
  readonly json?: true
}

/** `drover quarantine show`: all that is known of a row. */
export function defineShow(command: Command, io: Io): void {
  withRunFlags(
    command
      .description(
        'Shows a quarantined row: its reasons in order, its original, its fix, who accepted it and why, and what refers to it. Values are masked: every letter is a, every digit 9.',
      )
      .argument('<key>', 'its source key, as drover quarantine list shows it'),
  )
    .option('--show-values', 'values as they are, but those of columns that the migration calls personal or secret')
    .option('--json', 'as JSON; counts are text')
    .addHelpText(
      'after',
      `
Examples:
  $ drover quarantine show v1042
  $ drover quarantine show v1042 --run 7 --mapping vals --show-values`,
    )
    .action((key: string, flags: ShowFlags) =>
      withDatabase(flags, io, async (db) => {
        const rows = await readOfRun(db, flags, async (tx, run) => {
          const { mapping, showValues = false } = flags
          const named = await findQuarantined(tx, run, { ...(mapping === undefined ? {} : { mapping }), keys: [key] })
          const found: QuarantinedRow[] = []
          for (const row of named) found.push((await readQuarantinedRow(tx, run, row, { showsValues: showValues }))!)
          return found
        })
        const text = flags.json ? renderJsonValue({ rows: rows.map(jsonOf) }) : rows.map(renderRow).join('\n\n')
        await writeResult(io, text, undefined)
      }),
    )
}

function jsonOf({ setAsideAt, fix, acceptance, ...row }: QuarantinedRow) {
  return {
    ...row,
    setAsideAt: isoInstant(setAsideAt),
    fix: fix && { ...fix, at: isoInstant(fix.at) },
    acceptance: acceptance && { ...acceptance, at: isoInstant(acceptance.at) },
  }
}
