import type { Command } from 'commander'
import { DroverError } from '../../../error.ts'
import { acceptRows, type Decision } from '../../../repair/accept.ts'
import { renderCount, renderRows } from '../../../report/figures.ts'
import { selectionWords } from '../../../report/selection-words.ts'
import type { Io } from '../../io.ts'
import { findNamedRun, withDatabase } from '../../named-run.ts'
import { renderJsonValue, writeResult } from '../../result.ts'
import { type SelectionFlags, selectionOf, withSelectionFlags } from '../../selection-flags.ts'
import { renderTable } from '../../table.ts'

interface AcceptFlags extends SelectionFlags {
  readonly why?: string
  readonly by?: string
  readonly undo?: true
  readonly json?: true
}

/** `drover quarantine accept`: the decision that rows stay out. */
export function defineAccept(command: Command, io: Io): void {
  withSelectionFlags(
    command
      .description(
        'Marks quarantined rows as accepted: they stay out, and somebody has said so, and why. It is written beside the rows and into the audit log; data and counts stay as they are.',
      )
      .argument('[keys...]', 'rows by their source keys'),
  )
    .option('--why <reason>', 'the reason, for whoever asks later; never a value of a row')
    .option('--by <name>', 'who decides, where that is not the connected role')
    .option('--undo', 'take it back: the rows are undecided again')
    .option('--json', 'as JSON; counts are text')
    .addHelpText(
      'after',
      `
Examples:
  $ drover quarantine accept --mapping vals --code orphan --why "test data of 2019" --by "A. Moser"
  $ drover quarantine accept v1042 v1043 --undo`,
    )
    .action(async (keys: readonly string[], flags: AcceptFlags) => {
      const decision = flags.undo ? null : decisionOf(flags)
      const selection = selectionOf(flags, keys)
      await withDatabase(flags, io, async (db) => {
        const runId = await findNamedRun(db, flags)
        const mappings = await acceptRows(db, runId, selection, decision)
        const rows = mappings.reduce((sum, count) => sum + count.rows, 0n)
        const table = renderTable({
          columns: [
            { title: 'mapping', align: 'left' },
            { title: 'rows', align: 'right' },
          ],
          rows: mappings.map((count) => [count.mapping, renderCount(count.rows)]),
        })
        const told = decision ? 'accepted: they stay out' : 'undecided again'
        const text = `${renderRows(rows, 'row')} of run ${runId} ${rows === 1n ? 'is' : 'are'} ${told}.\n\n${table}`
        await writeResult(
          io,
          flags.json ? renderJsonValue({ runId, accepted: decision !== null, mappings }) : text,
          undefined,
        )
        if (decision && !flags.json) {
          io.stderr.write(
            `Taken back with: drover quarantine accept ${selectionWords({ id: runId }, selection)} --undo\n`,
          )
        }
      })
    })
}

function decisionOf({ why = '', by }: AcceptFlags): Decision {
  if (why.trim() === '' || by?.trim() === '') {
    throw new DroverError('usage-invalid', why.trim() === '' ? 'The reason is missing.' : 'The name is empty.', {
      remedy: 'Say why these rows stay out: --why "test data of 2019", and who says so: --by "A. Moser".',
    })
  }
  return { why: why.trim(), ...(by === undefined ? {} : { by: by.trim() }) }
}
