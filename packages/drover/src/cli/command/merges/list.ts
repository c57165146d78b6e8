import type { Command } from 'commander'
import type { Transaction } from '../../../db/connection.ts'
import { DroverError } from '../../../error.ts'
import type { Run } from '../../../ledger/run.ts'
import { type GroupPage, type MergedMapping, readGroupPage, readMergedMappings } from '../../../repair/merge-groups.ts'
import { requireMapping } from '../../../repair/named-rows.ts'
import { selectionWords } from '../../../report/selection-words.ts'
import { shellWord } from '../../../report/shell-word.ts'
import { wholeNumber } from '../../flags.ts'
import type { Io } from '../../io.ts'
import { renderListedGroups, renderMergedMappings } from '../../merges-text.ts'
import { type RunFlags, readOfRun, withDatabase } from '../../named-run.ts'
import { renderJsonValue, writeResult } from '../../result.ts'
import { withRunFlags } from '../../selection-flags.ts'

interface ListFlags extends RunFlags {
  readonly mapping?: string
  readonly after?: string
  readonly limit: number
  readonly json?: true
}

interface Listing {
  readonly run: Run
  readonly mappings: readonly MergedMapping[]
  readonly page: GroupPage | undefined
}

/** `drover merges list`: how many rows were merged. */
export function defineList(command: Command, io: Io): void {
  withRunFlags(
    command.description(
      'Shows how many rows of a run were merged, mapping by mapping, and the largest group. With --mapping also its groups, page by page. Reads the ledger, and shows no values.',
    ),
  )
    .option('--limit <number>', 'groups of a page', wholeNumber, 50)
    .option('--after <key>', 'the page that begins after this survivor')
    .option('--json', 'as JSON; counts are text')
    .addHelpText(
      'after',
      `
Examples:
  $ drover merges list
  $ drover merges list --run 7 --mapping clinics`,
    )
    .action((flags: ListFlags) => {
      if (flags.after !== undefined && flags.mapping === undefined) {
        throw new DroverError('usage-invalid', 'A page begins after a survivor of one mapping.', {
          remedy: 'Name the mapping too: --mapping.',
        })
      }
      return withDatabase(flags, io, async (db) => {
        const listing = await readOfRun(db, flags, (tx, run) => readListing(tx, run, flags))
        await writeResult(io, flags.json ? renderListingJson(listing) : renderListing(listing, flags), undefined)
        if (!flags.json) hint(listing, flags, io)
      })
    })
}

async function readListing(tx: Transaction, run: Run, flags: ListFlags): Promise<Listing> {
  const { mapping } = flags
  requireMapping(run, mapping)
  const all = await readMergedMappings(tx, run)
  const mappings = mapping === undefined ? all : all.filter((merged) => merged.mapping === mapping)
  const page = mapping === undefined ? undefined : await readGroupPage(tx, run, mapping, flags)
  return { run, mappings, page }
}

function renderListing({ run, mappings, page }: Listing, { mapping }: ListFlags): string {
  if (mappings.length === 0) return `Run ${run.id} has merged no row${mapping === undefined ? '' : ` of ${mapping}`}.`
  const groups = page === undefined || page.groups.length === 0 ? [] : ['', renderListedGroups(mapping!, page.groups)]
  return [renderMergedMappings(run, mappings), ...groups].join('\n')
}

function renderListingJson({ run, mappings, page }: Listing): string {
  return renderJsonValue({
    runId: run.id,
    migration: run.migration,
    mappings,
    ...(page === undefined ? {} : { page }),
  })
}

function hint({ run, mappings, page }: Listing, flags: ListFlags, io: Io): void {
  const [first] = mappings
  if (first === undefined) return
  const words = selectionWords(run, { mapping: first.mapping })
  if (page?.after != null) {
    io.stderr.write(
      `The next page: drover merges list ${words} --limit ${flags.limit} --after ${shellWord(page.after)}\n`,
    )
  }
  io.stderr.write(`One of them: drover merges show ${shellWord(first.largestSurvivor)} ${words}\n`)
}
