import { type Command, Option } from 'commander'
import { DroverError } from '../../../error.ts'
import { exportQuarantine } from '../../../repair/export.ts'
import { findQuarantined, requireMapping } from '../../../repair/named-rows.ts'
import type { Io } from '../../io.ts'
import { readOfRun, withDatabase } from '../../named-run.ts'
import { type SelectionFlags, selectionOf, withSelectionFlags } from '../../selection-flags.ts'
import { writeToFile } from '../../write-file.ts'

interface ExportFlags extends SelectionFlags {
  readonly out?: string
  readonly masked?: true
  readonly showValues?: true
}

/** `drover quarantine export`: rows as CSV. */
export function defineExport(command: Command, io: Io): void {
  withSelectionFlags(
    command.description(
      'Writes quarantined rows as CSV: mapping, key, code, columns, SQLSTATE, constraint, when, and whether they are accepted. With values, a column for each column of the source: what drover quarantine fix --file takes again. Any number of rows passes through; none is held.',
    ),
  )
    .option('--out <file>', 'where to write, readable by you alone (default: stdout)')
    .addOption(
      new Option('--masked', 'with the values of one mapping, masked: letters as a, digits as 9').conflicts(
        'showValues',
      ),
    )
    .addOption(
      new Option(
        '--show-values',
        'with the values of one mapping as they are, but those of columns that the migration calls personal or secret',
      ),
    )
    .addHelpText(
      'after',
      `
A value may begin with = + - or @, which spreadsheet programs take for a formula: import such columns as text.

Examples:
  $ drover quarantine export --out quarantine.csv
  $ drover quarantine export --mapping vals --code orphan --show-values --out fixes.csv`,
    )
    .action(async (flags: ExportFlags) => {
      const values = flags.showValues ? 'shown' : flags.masked ? 'masked' : 'none'
      if (values !== 'none' && flags.mapping === undefined) {
        throw new DroverError('usage-invalid', 'Values are those of one mapping: each has columns of its own.', {
          remedy: 'Name it: --mapping; drover quarantine list shows them.',
        })
      }
      const exported = withDatabase(flags, io, (db) =>
        readOfRun(
          db,
          flags,
          async (tx, run) => {
            const selection = selectionOf(flags)
            requireMapping(run, selection.mapping)
            if (selection.keys !== undefined) await findQuarantined(tx, run, { ...selection, keys: selection.keys })
            const write = (to: NodeJS.WritableStream) => exportQuarantine(tx, run, selection, values, to)
            await (flags.out === undefined ? write(io.stdout) : writeToFile(io, flags.out, write))
          },
          // It takes as long as the reader of stdout takes.
          { statementTimeoutMs: 0 },
        ),
      )
      await exported.catch((thrown: NodeJS.ErrnoException) => {
        // Whoever reads has read enough.
        if (thrown.code !== 'EPIPE' || thrown.syscall !== 'write') throw thrown
      })
    })
}
