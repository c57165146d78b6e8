import type { Command } from 'commander'
import type { Transaction } from '../../../db/connection.ts'
import { DroverError } from '../../../error.ts'
import type { Run } from '../../../ledger/run.ts'
import { type QuarantineGroup, readQuarantineGroups } from '../../../repair/groups.ts'
import { requireMapping } from '../../../repair/named-rows.ts'
import { type QuarantinePage, readQuarantinePage } from '../../../repair/page.ts'
import { namesAnything } from '../../../repair/selected.ts'
import type { Selection } from '../../../repair/selection.ts'
import { selectionWords } from '../../../report/selection-words.ts'
import { shellWord } from '../../../report/shell-word.ts'
import { wholeNumber } from '../../flags.ts'
import type { Io } from '../../io.ts'
import { readOfRun, withDatabase } from '../../named-run.ts'
import { renderGroups, renderListedRows } from '../../quarantine-text.ts'
import { renderJsonValue, writeResult } from '../../result.ts'
import { type SelectionFlags, selectionOf, withSelectionFlags } from '../../selection-flags.ts'

interface ListFlags extends SelectionFlags {
  readonly after?: string
  readonly limit: number
  readonly json?: true
}

interface Listing {
  readonly run: Run
  readonly groups: readonly QuarantineGroup[]
  /** The rows one by one, where they are of one mapping and were selected. */
  readonly page: (QuarantinePage & { readonly mapping: string }) | undefined
}

/** `drover quarantine list`: which rows were set aside, and why. */
export function defineList(command: Command, io: Io): void {
  withSelectionFlags(
    command.description(
      'Shows the quarantined rows of a run by mapping, code and cause: how many, how many are accepted, how many have a fix with which they were not tried yet. Of a selection within one mapping, also the keys, page by page. Reads the ledger, and shows no values.',
    ),
  )
    .option('--limit <number>', 'keys of a page', wholeNumber, 50)
    .option('--after <key>', 'the page that begins after this key')
    .option('--json', 'as JSON; counts are text')
    .addHelpText(
      'after',
      `
Examples:
  $ drover quarantine list
  $ drover quarantine list --run 7 --mapping vals --code orphan`,
    )
    .action((flags: ListFlags) =>
      withDatabase(flags, io, async (db) => {
        const listing = await readOfRun(db, flags, (tx, run) => readListing(tx, run, flags))
        await writeResult(io, flags.json ? renderListingJson(listing) : renderListing(listing, flags), undefined)
        if (!flags.json) hint(listing, flags, io)
      }),
    )
}

async function readListing(tx: Transaction, run: Run, flags: ListFlags): Promise<Listing> {
  const selection = selectionOf(flags)
  requireMapping(run, selection.mapping)
  const groups = await readQuarantineGroups(tx, run, selection)
  const mapping = mappingOf(groups, selection)
  if (flags.after !== undefined && mapping === undefined) {
    throw new DroverError('usage-invalid', 'A page begins after a key of one mapping.', {
      remedy: 'Name the mapping too: --mapping.',
    })
  }
  if (mapping === undefined) return { run, groups, page: undefined }
  const page = await readQuarantinePage(tx, run, { ...selection, mapping }, flags)
  return { run, groups, page: { ...page, mapping } }
}

/** The one mapping that the selected rows are of. */
function mappingOf(groups: readonly QuarantineGroup[], selection: Selection): string | undefined {
  const mappings = new Set(groups.map(({ mapping }) => mapping))
  return namesAnything(selection) && mappings.size === 1 ? groups[0]!.mapping : selection.mapping
}

function renderListing({ run, groups, page }: Listing, flags: ListFlags): string {
  if (groups.length === 0) {
    return `Run ${run.id} has no ${namesAnything(selectionOf(flags)) ? 'such ' : ''}quarantined row.`
  }
  const rows = page === undefined || page.rows.length === 0 ? [] : ['', renderListedRows(page.mapping, page.rows)]
  return [renderGroups(run, groups), ...rows].join('\n')
}

function renderListingJson({ run, groups, page }: Listing): string {
  return renderJsonValue({
    runId: run.id,
    migration: run.migration,
    groups,
    ...(page === undefined ? {} : { page }),
  })
}

function hint({ run, groups, page }: Listing, flags: ListFlags, io: Io): void {
  const [first] = groups
  if (first === undefined) return
  if (page?.after != null) {
    const words = selectionWords(run, { ...selectionOf(flags), mapping: page.mapping })
    io.stderr.write(
      `The next page: drover quarantine list ${words} --limit ${flags.limit} --after ${shellWord(page.after)}\n`,
    )
  }
  const key = page?.rows[0]?.key ?? first.sampleKeys[0]!
  const words = selectionWords(run, { mapping: page?.mapping ?? first.mapping })
  io.stderr.write(`One of them: drover quarantine show ${shellWord(key)} ${words}\n`)
}
