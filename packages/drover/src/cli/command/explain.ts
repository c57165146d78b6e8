import type { Command } from 'commander'
import { explain, kinds } from '../../codes/kinds.ts'
import { DroverError } from '../../error.ts'
import { renderCodes, renderExplanation } from '../explain-text.ts'
import type { Io } from '../io.ts'
import { writeResult } from '../result.ts'

/** `drover explain`: what docs/errors.md says of a code, without a network. */
export function defineExplain(command: Command, io: Io): void {
  command
    .description(
      'Tells what a code stands for: how it comes about, and what there is to do. Without a code: all of them. No database is needed.',
    )
    .argument('[code]', 'of an error, as in [plan-stale], of a hazard, a quarantined row, a check, …')
    .addHelpText(
      'after',
      `
Examples:
  $ drover explain plan-stale
  $ drover explain error-23505
  $ drover explain "row comparison"
  $ drover explain`,
    )
    .action(async (code: string | undefined) => {
      const width = Math.min(io.stdout.columns || 100, 100)
      await writeResult(io, code === undefined ? renderCodes(width) : renderExplanation(read(code), width), undefined)
    })
}

/** @throws DroverError `usage-invalid` where there is no such code. */
function read(code: string) {
  // As an error shows it, too.
  const name = code.replace(/^\[(.*)\]$/, '$1')
  const found = explain(name)
  if (found !== undefined) return found
  const near = kinds.flatMap(({ entries }) => Object.keys(entries)).filter((known) => known.includes(name))
  throw new DroverError('usage-invalid', `There is no code ${name}.`, {
    ...(near.length > 0 && { why: `there are ${near.join(', ')}` }),
    remedy: 'See all of them: drover explain.',
  })
}
